namespace Phr.Fhir;

/// <summary>What on a ledger a URN names.</summary>
public enum LedgerUrnKind
{
    /// <summary>Nothing: the kind of the default value.</summary>
    None = 0,

    /// <summary>A person, an organisation or a team, by its actor id.</summary>
    Actor,

    /// <summary>A consent, by the id of the request that it grants or refuses.</summary>
    Consent,

    /// <summary>An insurance claim, by its id.</summary>
    Claim,

    /// <summary>A consent policy, by its digest.</summary>
    Policy,

    /// <summary>A bundle, by its id.</summary>
    Bundle,

    /// <summary>A document, by its bundle's id and its own.</summary>
    Document,
}
