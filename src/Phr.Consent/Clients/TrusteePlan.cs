using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Who shall decide for a bundle, and how. The client looks up everyone's keys and makes the policy and the dealing from it.</summary>
public sealed class TrusteePlan
{
    /// <summary>How many groups must be satisfied.</summary>
    public required int GroupThreshold { get; init; }

    /// <summary>The groups.</summary>
    public required IReadOnlyList<TrusteeGroupPlan> Groups { get; init; }

    /// <summary>Authorities whose licences are accepted.</summary>
    public required IReadOnlyList<ActorId> LicenceAuthorities { get; init; }

    /// <summary>Operators whose oracles are accepted.</summary>
    public required IReadOnlyList<ActorId> OracleOperators { get; init; }

    /// <summary>Who may ask at all.</summary>
    /// <value>Default: anyone with an accepted licence.</value>
    public AccessRule AccessRule { get; init; } = AccessRule.Anyone;

    /// <summary>Whether a doctor may receive, a team, or both. With teams, name the team in <see cref="AccessRule"/>.</summary>
    /// <value>Default: a person alone.</value>
    public ReceiverKinds ReceiverKinds { get; init; } = ReceiverKinds.Person;

    /// <summary>How long the patient can veto what trustees granted.</summary>
    /// <value>Default 1 hour.</value>
    public TimeSpan VetoWindow { get; init; } = TimeSpan.FromHours(1);

    /// <summary>After how long without a sign of life from the patient the trustees may decide.</summary>
    /// <value>Default zero: at any time. Whole seconds, at most 10 years.</value>
    public TimeSpan IncapacityAfter { get; init; }

    /// <summary>Whether this is how trustees decide in emergencies: beside the bundle's other dealing, with shares of its own.</summary>
    /// <value>Default false. In an emergency the veto window is at most an hour, and trustees do not wait for the patient's silence.</value>
    public bool Emergency { get; init; }

    /// <summary>How many oracles must answer (m).</summary>
    /// <value>Default 3; more than half of the committee.</value>
    public int CommitteeThreshold { get; init; } = 3;

    /// <summary>How many oracles are drawn (n).</summary>
    /// <value>Default 5, at most 16.</value>
    public int CommitteeSize { get; init; } = 5;

    /// <summary>The plan that a dealing and the rules on the ledger came from.</summary>
    internal static TrusteePlan Of(TrusteePolicy policy, ConsentPolicy rules) => new()
    {
        GroupThreshold = policy.GroupThreshold,
        Groups = [.. policy.Groups.Select(g => new TrusteeGroupPlan(g.Name, g.Threshold, [.. g.Members.Select(m => m.Identity)]))],
        LicenceAuthorities = [.. policy.LicenceAuthorities.Select(a => a.Identity)],
        OracleOperators = [.. policy.OracleOperators.Select(a => a.Identity)],
        AccessRule = rules.AccessRule,
        ReceiverKinds = rules.ReceiverKinds,
        VetoWindow = rules.VetoWindow,
        IncapacityAfter = rules.IncapacityAfter,
        Emergency = rules.Emergency,
        CommitteeThreshold = policy.CommitteeThreshold,
        CommitteeSize = policy.CommitteeSize,
    };
}
