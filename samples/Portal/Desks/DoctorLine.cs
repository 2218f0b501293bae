namespace Phr.Samples.Portal;

/// <summary>A doctor in the agency's room.</summary>
/// <param name="Doctor">Who.</param>
/// <param name="Licence">How the licence stands.</param>
public sealed record DoctorLine(PortalUser Doctor, LicenceView Licence);
