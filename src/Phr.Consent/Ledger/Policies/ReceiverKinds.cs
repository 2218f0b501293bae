namespace Phr.Consent;

/// <summary>Who may receive what is granted.</summary>
[Flags]
public enum ReceiverKinds
{
    /// <summary>Nobody.</summary>
    None = 0,

    /// <summary>One person: the doctor who asks.</summary>
    Person = 1,

    /// <summary>A team with a key of its own, for which one of its members asks.</summary>
    Team = 2,
}
