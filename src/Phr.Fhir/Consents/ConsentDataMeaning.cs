namespace Phr.Fhir;

/// <summary>How the data of a provision relate to what it points at. R4's <c>dependents</c> is not used by IHE PCF and not read.</summary>
public enum ConsentDataMeaning
{
    /// <summary><c>instance</c>: that resource itself.</summary>
    Instance = 0,

    /// <summary><c>related</c>: what belongs to that encounter, care plan or episode.</summary>
    Related,

    /// <summary><c>authoredby</c>: what that person or organisation wrote.</summary>
    AuthoredBy,
}
