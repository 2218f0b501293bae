namespace Phr.Fhir;

/// <summary>A level of IHE Privacy Consent on FHIR (PCF).</summary>
public enum PcfProfile
{
    /// <summary>Explicit Basic: one rule, with people, purposes and a period.</summary>
    Basic = 0,

    /// <summary>Explicit Intermediate: exceptions to the rule, data and their period, too. What this library writes.</summary>
    Intermediate,
}
