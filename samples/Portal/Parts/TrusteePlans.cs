namespace Phr.Samples.Portal;

/// <summary>
/// Who decides for a patient: guardians, the hospital and the agency are groups, and two groups must agree. On ordinary days more than half of the guardians speak for theirs; in an emergency one of them is enough.
/// </summary>
public static class TrusteePlans
{
    /// <summary>The plan with these trustees; null when they are not two groups, so that one could decide alone.</summary>
    public static TrusteePlan? Of(IReadOnlyList<PortalUser> trustees, PhrServices phr, PortalOptions options) => Make(trustees, phr, options, members => (members / 2) + 1);

    /// <summary>The plan with these trustees for emergencies; null when they are not two groups.</summary>
    public static TrusteePlan? ForEmergencies(IReadOnlyList<PortalUser> trustees, PhrServices phr, PortalOptions options) =>
        Make(trustees, phr, options, _ => 1) is not { } plan
            ? null
            : new TrusteePlan
            {
                Emergency = true,
                GroupThreshold = plan.GroupThreshold,
                Groups = plan.Groups,
                LicenceAuthorities = plan.LicenceAuthorities,
                OracleOperators = plan.OracleOperators,
                AccessRule = plan.AccessRule,
                VetoWindow = options.EmergencyVetoWindow,
                CommitteeSize = plan.CommitteeSize,
                CommitteeThreshold = plan.CommitteeThreshold,
            };

    private static TrusteePlan? Make(IReadOnlyList<PortalUser> trustees, PhrServices phr, PortalOptions options, Func<int, int> thresholdOf)
    {
        ArgumentNullException.ThrowIfNull(trustees);
        ArgumentNullException.ThrowIfNull(phr);
        ArgumentNullException.ThrowIfNull(options);
        var groups = new List<TrusteeGroupPlan>();
        foreach ((string name, PortalRole role) in ((string, PortalRole)[])[("guardians", PortalRole.Guardian), ("hospital", PortalRole.Hospital), ("agency", PortalRole.RegulatoryAgency)])
        {
            ActorId[] members = [.. trustees.Where(t => t.Role == role && t.TrusteeId is not null).Select(t => t.TrusteeId!.Value)];
            if (members.Length > 0)
            {
                groups.Add(new TrusteeGroupPlan(name, thresholdOf(members.Length), members));
            }
        }

        return groups.Count < 2
            ? null
            : new TrusteePlan
            {
                GroupThreshold = 2,
                Groups = groups,
                LicenceAuthorities = phr.Agencies,
                OracleOperators = phr.Operators,
                AccessRule = AccessRule.Role(ActorRoles.Doctor),
                VetoWindow = options.VetoWindow,
                CommitteeSize = options.CommitteeSize,
                CommitteeThreshold = options.CommitteeThreshold,
            };
    }
}
