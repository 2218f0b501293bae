namespace Phr.Consent;

/// <summary>Who may receive what is granted.</summary>
[Flags]
public enum ReceiverKinds
{
    /// <summary>Nobody.</summary>
    None = 0,

    /// <summary>One person: the doctor who asks.</summary>
    Person = 1,

    /// <summary>A team with a key of its own. Reserved: no ledger of this version accepts it in a request.</summary>
    Team = 2,
}
