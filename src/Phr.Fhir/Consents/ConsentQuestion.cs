using Phr.Consent;

namespace Phr.Fhir;

/// <summary>May this receiver have this for that?</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ConsentQuestion
{
    /// <summary>Who wants it. It is compared by address, or by an identifier with its system.</summary>
    public required FhirReference Grantee { get; init; }

    /// <summary>What for.</summary>
    public required PurposeOfUse Purpose { get; init; }

    /// <summary>What is wanted.</summary>
    public required FhirReference Data { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
