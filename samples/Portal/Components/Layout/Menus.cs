namespace Phr.Samples.Portal.Components.Layout;

/// <summary>The menu of each role, with the labels of the reference. LOGOUT stands last in each.</summary>
public static class Menus
{
    /// <summary>A role's entries and their addresses.</summary>
    public static IReadOnlyList<(string Label, string Address)> Of(PortalRole role) => role switch
    {
        PortalRole.Patient => [("HOME", "/patient"), ("UPLOAD SCAN", "/patient/upload"), ("VIEW PRESCRIPTION", "/patient/prescriptions"), ("VIEW INSURANCE", "/patient/insurance")],
        PortalRole.Doctor => [("HOME", "/doctor"), ("REQUEST SEND", "/doctor/requests"), ("VIEW INSURANCE DETAILS", "/doctor/insurance")],
        PortalRole.Guardian => [("HOME", "/trustee"), ("EMERGENCIES", "/trustee/emergencies")],
        PortalRole.Hospital => [("HOME", "/trustee"), ("EMERGENCIES", "/trustee/emergencies"), ("CLAIMS", "/claims")],
        PortalRole.RegulatoryAgency => [("HOME", "/agency"), ("REQUESTS", "/trustee"), ("REVIEWS", "/agency/reviews"), ("CLAIMS", "/claims")],
        PortalRole.Insurer => [("HOME", "/insurer")],
        _ => [("HOME", "/cloud"), ("REPORTS UPLOADED", "/cloud/reports"), ("INSURANCE", "/cloud/insurance"), ("MAIL", "/cloud/mail"), ("RESULT", "/cloud/result")],
    };
}
