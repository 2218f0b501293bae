namespace Phr.Fhir;

/// <summary>What a provision says.</summary>
public enum ConsentRuling
{
    /// <summary><c>deny</c>.</summary>
    Deny = 0,

    /// <summary><c>permit</c>.</summary>
    Permit,
}
