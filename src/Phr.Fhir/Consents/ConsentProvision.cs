using Phr.Consent;
using Phr.Consent.Fields;

namespace Phr.Fhir;

/// <summary>A rule of a consent: the base rule, or an exception to it.</summary>
/// <remarks>What is empty or null does not narrow the rule. Immutable and thread safe.</remarks>
public sealed record ConsentProvision
{
    /// <summary>Permit or deny.</summary>
    public required ConsentRuling Ruling { get; init; }

    /// <summary>To whom it applies, as receivers of information; empty for everybody.</summary>
    public IReadOnlyList<FhirReference> Grantees { get; init => field = ValueList.Of(value); } = ValueList.Of<FhirReference>([]);

    /// <summary>For which purposes; empty for all.</summary>
    public IReadOnlyList<PurposeOfUse> Purposes { get; init => field = ValueList.Of(value); } = ValueList.Of<PurposeOfUse>([]);

    /// <summary>From when on; null for always.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Until when, not including that instant; null for no end. FHIR includes the instant itself; a date alone is read as the end of that day.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>For data from when on; null for all.</summary>
    public DateTimeOffset? DataFrom { get; init; }

    /// <summary>For data until when, not including that instant; null for no end.</summary>
    public DateTimeOffset? DataUntil { get; init; }

    /// <summary>For which data; empty for all. IHE PCF allows an exception one entry of each meaning.</summary>
    public IReadOnlyList<ConsentData> Data { get; init => field = ValueList.Of(value); } = ValueList.Of<ConsentData>([]);
}
