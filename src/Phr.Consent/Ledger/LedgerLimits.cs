namespace Phr.Consent;

/// <summary>The bounds that the ledger and its readers keep, so that no input can make them work without end.</summary>
public static class LedgerLimits
{
    /// <summary>Most members of a team: 16.</summary>
    public const int TeamMembers = 16;

    /// <summary>Most groups in a consent policy: 8.</summary>
    public const int Groups = 8;

    /// <summary>Most trustees in a consent policy, all groups together: 16.</summary>
    public const int Trustees = 16;

    /// <summary>Most oracles in a committee: 16.</summary>
    public const int Committee = 16;

    /// <summary>Most oracles that a registry ever admits, and so the highest registry number: 1,023.</summary>
    public const int Oracles = 1023;

    /// <summary>Most openings of one grant: 15.</summary>
    public const int Uses = 15;

    /// <summary>Most documents in one request: 1,024.</summary>
    public const int Documents = 1024;

    /// <summary>How many emergencies of one doctor may wait for their review: 3. Then there is no further one.</summary>
    public const int OpenReviews = 3;

    /// <summary>Longest veto window of a policy for emergencies: 3,600 seconds.</summary>
    public const int EmergencyVetoSeconds = 3600;

    /// <summary>Most attachments of a grant: 16.</summary>
    public const int Attachments = 16;

    /// <summary>Most that one oracle can have bonded, in gwei: 10^17, which is 10^8 ether, so that no sum overflows.</summary>
    public const ulong Bond = 100_000_000_000_000_000;

    /// <summary>Longest code (speciality, label): 64 characters.</summary>
    public const int CodeLength = 64;

    /// <summary>Longest group name: 32 characters.</summary>
    public const int GroupNameLength = 32;

    /// <summary>Highest reason code: 65,535. The parties agree on what their codes mean; the ledger only keeps them.</summary>
    public const int ReasonCode = 65535;

    /// <summary>Deepest access rule: 8 levels.</summary>
    public const int RuleDepth = 8;

    /// <summary>Most nodes in an access rule: 64.</summary>
    public const int RuleNodes = 64;

    /// <summary>Longest encoding of a signed command: 65,536 bytes.</summary>
    public const int CommandLength = 65536;

    /// <summary>Longest encoding of an event: 262,144 bytes.</summary>
    public const int EventLength = 262144;

    /// <summary>How far ahead the end of an insurance claim may lie: 366 days.</summary>
    public static TimeSpan ClaimLifetime => TimeSpan.FromDays(366);

    internal const int PolicyLength = 65536;
    internal const int RuleLength = 16384;
    internal const int EpochMax = 1_000_000;
    internal const int RoundMax = 1;
    internal const int SnapshotMax = 1_000_000_000;
}
