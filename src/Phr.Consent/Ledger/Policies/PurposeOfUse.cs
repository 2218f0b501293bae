using System.Diagnostics.CodeAnalysis;

namespace Phr.Consent;

/// <summary>Why documents are asked for: a code of the HL7 v3 value set PurposeOfUse.</summary>
/// <remarks>
/// Source: https://terminology.hl7.org/ValueSet-v3-PurposeOfUse.html. A code means itself alone: a rule that permits <c>TREAT</c> does not thereby permit <c>BTG</c>.
/// Immutable and thread safe. The default value has an empty code and is no purpose.
/// </remarks>
public readonly struct PurposeOfUse : IEquatable<PurposeOfUse>
{
    private const int MaxLength = 16;

    private readonly string? _code;

    private PurposeOfUse(string code) => _code = code;

    /// <summary><c>TREAT</c>: treatment.</summary>
    public static PurposeOfUse Treatment { get; } = new("TREAT");

    /// <summary><c>ETREAT</c>: emergency treatment.</summary>
    public static PurposeOfUse EmergencyTreatment { get; } = new("ETREAT");

    /// <summary><c>BTG</c>: break the glass, an override that is reviewed afterwards.</summary>
    public static PurposeOfUse BreakTheGlass { get; } = new("BTG");

    /// <summary><c>ERTREAT</c>: treatment in an emergency room.</summary>
    public static PurposeOfUse EmergencyRoomTreatment { get; } = new("ERTREAT");

    /// <summary><c>CAREMGT</c>: care management.</summary>
    public static PurposeOfUse CareManagement { get; } = new("CAREMGT");

    /// <summary><c>COC</c>: coordination of care.</summary>
    public static PurposeOfUse CoordinationOfCare { get; } = new("COC");

    /// <summary><c>CLINTRCH</c>: clinical trial research.</summary>
    public static PurposeOfUse ClinicalTrialResearch { get; } = new("CLINTRCH");

    /// <summary><c>HPAYMT</c>: healthcare payment.</summary>
    public static PurposeOfUse Payment { get; } = new("HPAYMT");

    /// <summary><c>CLMATTCH</c>: attachment to a claim.</summary>
    public static PurposeOfUse ClaimAttachment { get; } = new("CLMATTCH");

    /// <summary><c>COVAUTH</c>: authorization of coverage.</summary>
    public static PurposeOfUse CoverageAuthorization { get; } = new("COVAUTH");

    /// <summary><c>HOPERAT</c>: healthcare operations.</summary>
    public static PurposeOfUse Operations { get; } = new("HOPERAT");

    /// <summary><c>HMARKT</c>: healthcare marketing.</summary>
    public static PurposeOfUse Marketing { get; } = new("HMARKT");

    /// <summary><c>HRESCH</c>: healthcare research.</summary>
    public static PurposeOfUse Research { get; } = new("HRESCH");

    /// <summary><c>PATRQT</c>: at the patient's own request.</summary>
    public static PurposeOfUse PatientRequested { get; } = new("PATRQT");

    /// <summary><c>FAMRQT</c>: at the family's request.</summary>
    public static PurposeOfUse FamilyRequested { get; } = new("FAMRQT");

    /// <summary><c>PWATRNY</c>: at the request of a person with power of attorney.</summary>
    public static PurposeOfUse PowerOfAttorney { get; } = new("PWATRNY");

    /// <summary><c>SUPNWK</c>: for the patient's support network.</summary>
    public static PurposeOfUse SupportNetwork { get; } = new("SUPNWK");

    /// <summary><c>PUBHLTH</c>: public health.</summary>
    public static PurposeOfUse PublicHealth { get; } = new("PUBHLTH");

    /// <summary><c>DISASTER</c>: disaster response.</summary>
    public static PurposeOfUse Disaster { get; } = new("DISASTER");

    /// <summary><c>THREAT</c>: a threat to the public.</summary>
    public static PurposeOfUse Threat { get; } = new("THREAT");

    /// <summary>The purposes that have a name here, in the order of this page.</summary>
    public static IReadOnlyList<PurposeOfUse> Known { get; } =
    [
        Treatment, EmergencyTreatment, BreakTheGlass, EmergencyRoomTreatment, CareManagement, CoordinationOfCare, ClinicalTrialResearch, Payment, ClaimAttachment,
        CoverageAuthorization, Operations, Marketing, Research, PatientRequested, FamilyRequested, PowerOfAttorney, SupportNetwork, PublicHealth, Disaster, Threat,
    ];

    /// <summary>The code: 2 to 16 capital letters; empty in the default value.</summary>
    public string Code => _code ?? string.Empty;

    /// <summary>The code system's URI, for FHIR: <c>http://terminology.hl7.org/CodeSystem/v3-ActReason</c>.</summary>
    public static string CodeSystem => "http://terminology.hl7.org/CodeSystem/v3-ActReason";

    /// <summary>Reads a code. Codes without a name here are taken too.</summary>
    /// <param name="code">2 to 16 capital letters.</param>
    /// <returns>The purpose.</returns>
    /// <exception cref="FormatException">The text is not such a code.</exception>
    public static PurposeOfUse Parse(string code) =>
        TryParse(code, out PurposeOfUse purpose) ? purpose : throw new FormatException("A purpose of use is 2 to 16 capital letters, such as TREAT.");

    /// <summary>Reads a code, without an exception.</summary>
    /// <param name="code">The text.</param>
    /// <param name="purpose">The purpose, or the default value.</param>
    /// <returns>Whether the text was a code.</returns>
    public static bool TryParse([NotNullWhen(true)] string? code, out PurposeOfUse purpose)
    {
        bool valid = code is { Length: >= 2 and <= MaxLength } && !code.AsSpan().ContainsAnyExceptInRange('A', 'Z');
        purpose = valid ? new PurposeOfUse(code!) : default;
        return valid;
    }

    /// <inheritdoc/>
    public bool Equals(PurposeOfUse other) => string.Equals(Code, other.Code, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PurposeOfUse other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Code.GetHashCode(StringComparison.Ordinal);

    /// <summary>The code.</summary>
    /// <returns>The code, such as <c>TREAT</c>.</returns>
    public override string ToString() => Code;

    /// <summary>Compares for equality.</summary>
    /// <param name="left">One purpose.</param>
    /// <param name="right">The other purpose.</param>
    /// <returns>Whether the codes are equal.</returns>
    public static bool operator ==(PurposeOfUse left, PurposeOfUse right) => left.Equals(right);

    /// <summary>Compares for inequality.</summary>
    /// <param name="left">One purpose.</param>
    /// <param name="right">The other purpose.</param>
    /// <returns>Whether the codes differ.</returns>
    public static bool operator !=(PurposeOfUse left, PurposeOfUse right) => !left.Equals(right);
}
