using Phr.Crypto;

namespace Phr.Fhir;

/// <summary>Points at another resource: by an address, by an identifier, or by both.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record FhirReference
{
    /// <summary>The type of the resource: <c>Patient</c>, <c>Practitioner</c>, <c>DocumentReference</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Where it is: <c>Patient/123</c>, an absolute URL or a <c>urn:uuid:</c>, at most 512 characters; null for none. References into the same resource (<c>#…</c>) are not taken.</summary>
    public string? Address { get; init; }

    /// <summary>What it is called, a ledger's name for it among others; null for none.</summary>
    public FhirIdentifier? Identifier { get; init; }

    /// <summary>Text for people, at most 256 characters; null for none.</summary>
    public string? Display { get; init; }

    /// <summary>An actor or a team, by its name on a ledger.</summary>
    /// <param name="type">The type: <c>Patient</c>.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="actor">Its id.</param>
    /// <returns>The reference.</returns>
    public static FhirReference ToActor(string type, LedgerId ledger, ActorId actor) => new() { Type = type, Identifier = FhirIdentifier.Of(LedgerUrn.ForActor(ledger, actor)) };

    /// <summary>A document, by its name on a ledger.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="bundle">The bundle's id.</param>
    /// <param name="document">The document's id.</param>
    /// <returns>The reference.</returns>
    public static FhirReference ToDocument(LedgerId ledger, BundleId bundle, DocumentId document) =>
        new() { Type = "DocumentReference", Identifier = FhirIdentifier.Of(LedgerUrn.ForDocument(ledger, bundle, document)) };

    /// <summary>Whether this and another reference point at the same thing: the same address, or the same identifier.</summary>
    /// <param name="other">The other; null points nowhere.</param>
    /// <returns>Whether they do.</returns>
    public bool PointsWhere(FhirReference? other) =>
        other is not null && Type == other.Type
        && ((Address is not null && Address == other.Address) || (Identifier is { System: not null } && Identifier == other.Identifier));
}
