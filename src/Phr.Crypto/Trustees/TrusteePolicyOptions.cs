namespace Phr.Crypto;

/// <summary>What a <see cref="TrusteePolicy"/> says besides its trustees.</summary>
public sealed class TrusteePolicyOptions
{
    /// <summary>How many oracles must answer.</summary>
    /// <value>m, 2..n and more than n/2. Default 3.</value>
    public int CommitteeThreshold { get; init; } = 3;

    /// <summary>How many oracles are drawn.</summary>
    /// <value>n, at most 16. Default 5.</value>
    public int CommitteeSize { get; init; } = 5;

    /// <summary>Allows a committee of one oracle (then both numbers are 1), which that oracle and the doctor can betray together.</summary>
    /// <value>Default false.</value>
    public bool SingleOracle { get; init; }

    /// <summary>The authorities whose licences are accepted.</summary>
    /// <value>At most 64. Default none: then no doctor can be granted anything by trustees.</value>
    public IEnumerable<TrustAnchor> LicenceAuthorities { get; init; } = [];

    /// <summary>The operators whose oracles are accepted.</summary>
    /// <value>At most 64. Default none: then no oracle is sent a fragment.</value>
    public IEnumerable<TrustAnchor> OracleOperators { get; init; } = [];

    /// <summary>SHA-256 of the rules that the ledger keeps for the bundle.</summary>
    /// <value>Default all zero: no such rules.</value>
    public Digest RulesDigest { get; init; }
}
