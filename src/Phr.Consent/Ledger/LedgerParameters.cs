using System.Diagnostics.CodeAnalysis;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The rules of one ledger, fixed when it is made.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record LedgerParameters : IMapped<LedgerParameters>
{
    private const string Stage = "ledger parameters";
    private const string Tag = "phr/ledger-parameters/v2";

    /// <summary>The agency that is active from the start and admits the others: the address of its first ledger key.</summary>
    public required ActorId FoundingAgency { get; init; }

    /// <summary>How many blocks after a request its seed block lies, 1 to 10,000. Default 1.</summary>
    public int DrawDelay { get; init; } = 1;

    /// <summary>For how many blocks after the seed block the committee may be drawn, 1 to 200: a contract sees the hashes of the last 256 blocks only. Default 200.</summary>
    public int DrawWindow { get; init; } = 200;

    /// <summary>How many blocks lie at least between two snapshots of the registry of oracles, at most 100,000. More than <see cref="DrawDelay"/> and <see cref="DrawWindow"/> together, so that what a request pinned is still there when it is drawn. Default 300.</summary>
    public int SnapshotInterval { get; init; } = 300;

    /// <summary>How far ahead a request's end may lie. Default 30 days.</summary>
    public TimeSpan MaxRequestLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a dealing with another policy waits before it may become active. Default 3 days.</summary>
    public TimeSpan TrusteeChangeDelay { get; init; } = TimeSpan.FromDays(3);

    /// <summary>How long a supported recovery waits, in which the patient may cancel it. Default 7 days.</summary>
    public TimeSpan RecoveryDelay { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long after a grant is final oracles count as on time. Default 1 hour.</summary>
    public TimeSpan DeliveryWindow { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a doctor waits after the first abandoned request; each further one doubles it. Default 10 minutes.</summary>
    public TimeSpan Cooldown { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest wait after abandoned requests; whenever this long passes without another one, one is forgiven. Default 7 days.</summary>
    public TimeSpan MaxCooldown { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How far ahead an oracle's key record may end. Default 30 days.</summary>
    public TimeSpan MaxOracleKeyLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long after an agency's admission the new agency may accept it and act; until then any agency may stop it. Default 2 days.</summary>
    public TimeSpan AgencyDelay { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How long an oracle waits for a bond that it asked back: longer than any delivery of it can be disputed. Default 14 days.</summary>
    public TimeSpan BondDelay { get; init; } = TimeSpan.FromDays(14);

    /// <summary>The bond that an oracle must have to be eligible, in gwei (10^-9 ether). Default 0: none.</summary>
    public ulong MinBond { get; init; }

    /// <summary>How far ahead the end of an emergency request may lie. Default 24 hours.</summary>
    public TimeSpan MaxEmergencyLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Within which time after an emergency grant its review is due. Default 7 days.</summary>
    public TimeSpan ReviewPeriod { get; init; } = TimeSpan.FromDays(7);

    string IMapped<LedgerParameters>.TypeName => nameof(LedgerParameters);

    /// <summary>Reads parameters.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote.</param>
    /// <returns>The parameters.</returns>
    /// <exception cref="PhrDataException">The bytes are not parameters in canonical form.</exception>
    public static LedgerParameters FromBytes(ReadOnlyMemory<byte> bytes) => FieldReader.FromBytes<LedgerParameters>(Stage, Tag, bytes, LedgerLimits.PolicyLength);

    /// <summary>Reads parameters, without an exception.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote.</param>
    /// <param name="parameters">The parameters, or null.</param>
    /// <returns>Whether the bytes were parameters in canonical form.</returns>
    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out LedgerParameters? parameters)
    {
        try
        {
            parameters = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            parameters = null;
            return false;
        }
    }

    /// <summary>Writes the canonical encoding: CBOR, <c>["phr/ledger-parameters/v2", [fields in the order of this page]]</c>, times in seconds.</summary>
    /// <returns>A new array.</returns>
    /// <exception cref="ArgumentException">A value lies outside its bounds.</exception>
    public byte[] ToBytes() => FieldWriter.ToBytes(Tag, this);

    /// <summary>Names the first value that makes no sense.</summary>
    /// <returns>One sentence, or null when the parameters are sound.</returns>
    public string? FindFault() =>
        FoundingAgency.IsZero ? "A ledger has a founding agency."
        : DrawDelay is < 1 or > 10_000 || DrawWindow is < 1 or > 200 ? "The draw's delay lies between 1 and 10,000 blocks, its window between 1 and 200."
        : SnapshotInterval > 100_000 || SnapshotInterval <= DrawDelay + DrawWindow ? "The interval of snapshots is longer than the draw's delay and window together, and at most 100,000 blocks."
        : DeliveryWindow < TimeSpan.FromSeconds(1) || MaxRequestLifetime < TimeSpan.FromSeconds(1) || MaxOracleKeyLifetime < TimeSpan.FromSeconds(1) ? "Windows and lifetimes last at least a second."
        : MaxEmergencyLifetime < TimeSpan.FromSeconds(1) || ReviewPeriod < TimeSpan.FromSeconds(1) ? "An emergency and its review last at least a second."
        : AgencyDelay < TimeSpan.Zero || BondDelay < TimeSpan.Zero ? "Delays are not negative."
        : Cooldown > MaxCooldown ? "The first cooldown is not longer than the longest."
        : null;

    LedgerParameters IMapped<LedgerParameters>.Map(FieldMap map) => this with
    {
        FoundingAgency = map.Actor("foundingAgency", FoundingAgency),
        DrawDelay = map.Int32("drawDelay", DrawDelay, 10_000),
        DrawWindow = map.Int32("drawWindow", DrawWindow, 200),
        SnapshotInterval = map.Int32("snapshotInterval", SnapshotInterval, 100_000),
        MaxRequestLifetime = map.Duration("maxRequestLifetime", MaxRequestLifetime),
        TrusteeChangeDelay = map.Duration("trusteeChangeDelay", TrusteeChangeDelay),
        RecoveryDelay = map.Duration("recoveryDelay", RecoveryDelay),
        DeliveryWindow = map.Duration("deliveryWindow", DeliveryWindow),
        Cooldown = map.Duration("cooldown", Cooldown),
        MaxCooldown = map.Duration("maxCooldown", MaxCooldown),
        MaxOracleKeyLifetime = map.Duration("maxOracleKeyLifetime", MaxOracleKeyLifetime),
        AgencyDelay = map.Duration("agencyDelay", AgencyDelay),
        BondDelay = map.Duration("bondDelay", BondDelay),
        MinBond = map.UInt64("minBond", MinBond),
        MaxEmergencyLifetime = map.Duration("maxEmergencyLifetime", MaxEmergencyLifetime),
        ReviewPeriod = map.Duration("reviewPeriod", ReviewPeriod),
    };
}
