namespace Phr.Consent;

/// <summary>What an access rule says of somebody.</summary>
public enum AccessOutcome
{
    /// <summary>The rule does not hold, whatever the unknown facts are.</summary>
    Deny = 0,

    /// <summary>The rule holds, whatever the unknown facts are.</summary>
    Permit,

    /// <summary>It depends on facts that whoever evaluates does not know.</summary>
    Undetermined,
}
