using Microsoft.AspNetCore.Authorization;

namespace Phr.Samples.Portal;

/// <summary>The names of the policies that open rooms, and where each room begins.</summary>
public static class Rooms
{
    public const string Patient = nameof(Patient);
    public const string Doctor = nameof(Doctor);
    public const string Trustee = nameof(Trustee);
    public const string Agency = nameof(Agency);
    public const string Insurer = nameof(Insurer);
    public const string Cloud = nameof(Cloud);
    public const string Claims = nameof(Claims);
    public const string Consents = nameof(Consents);
    public const string Prescriptions = nameof(Prescriptions);

    /// <summary>The roles that each room is for.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<PortalRole>> Roles { get; } = new Dictionary<string, IReadOnlyList<PortalRole>>
    {
        [Patient] = [PortalRole.Patient],
        [Doctor] = [PortalRole.Doctor],
        [Trustee] = [PortalRole.Guardian, PortalRole.Hospital, PortalRole.RegulatoryAgency],
        [Agency] = [PortalRole.RegulatoryAgency],
        [Insurer] = [PortalRole.Insurer],
        [Cloud] = [PortalRole.CloudServer],
        [Claims] = [PortalRole.Patient, PortalRole.Doctor, PortalRole.Hospital, PortalRole.RegulatoryAgency, PortalRole.Insurer],
        [Prescriptions] = [PortalRole.Patient, PortalRole.Doctor],
        [Consents] = [PortalRole.Patient, PortalRole.Guardian, PortalRole.Hospital, PortalRole.RegulatoryAgency],
    };

    /// <summary>Where a role's room begins.</summary>
    public static string HomeOf(PortalRole role) => role switch
    {
        PortalRole.Patient => "/patient",
        PortalRole.Doctor => "/doctor",
        PortalRole.Guardian or PortalRole.Hospital => "/trustee",
        PortalRole.RegulatoryAgency => "/agency",
        PortalRole.Insurer => "/insurer",
        _ => "/cloud",
    };

    /// <summary>Whether a role has keys of its own. The cloud server's operator has none: there is nothing that they could open.</summary>
    public static bool HasKeys(PortalRole role) => role != PortalRole.CloudServer;

    internal static void AddPolicies(AuthorizationOptions options)
    {
        AuthorizationPolicy admitted = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(new AdmittedRequirement()).Build();
        options.DefaultPolicy = admitted;
        options.FallbackPolicy = admitted;
        foreach ((string room, IReadOnlyList<PortalRole> roles) in Roles)
        {
            options.AddPolicy(room, policy => policy.Combine(admitted).RequireRole(roles.Select(role => role.ToString())));
        }
    }
}
