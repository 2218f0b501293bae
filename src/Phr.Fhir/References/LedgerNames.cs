using Phr.Consent;
using Phr.Crypto;

namespace Phr.Fhir;

/// <summary>How the actors and documents of a ledger are called in the FHIR system that a resource is for.</summary>
/// <remarks>Whatever has no name here is pointed at by its ledger's URN alone, which FHIR permits. Immutable and thread safe as long as the dictionaries are not changed.</remarks>
public sealed record LedgerNames
{
    /// <summary>The ledger.</summary>
    public required LedgerId Ledger { get; init; }

    /// <summary>The organisation that keeps the consents and enforces them.</summary>
    public required FhirReference Custodian { get; init; }

    /// <summary>Actors and teams that have a resource there.</summary>
    public IReadOnlyDictionary<ActorId, FhirReference> Actors { get; init; } = new Dictionary<ActorId, FhirReference>();

    /// <summary>Documents that have a resource there.</summary>
    public IReadOnlyDictionary<DocumentId, FhirReference> Documents { get; init; } = new Dictionary<DocumentId, FhirReference>();

    internal FhirReference Of(ActorId actor, string typeOtherwise) =>
        Actors.TryGetValue(actor, out FhirReference? known) ? known : FhirReference.ToActor(typeOtherwise, Ledger, actor);

    internal FhirReference Of(BundleId bundle, DocumentId document) =>
        Documents.TryGetValue(document, out FhirReference? known) ? known : FhirReference.ToDocument(Ledger, bundle, document);
}
