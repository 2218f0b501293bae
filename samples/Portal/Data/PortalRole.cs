namespace Phr.Samples.Portal;

/// <summary>What a person is in the portal. Each has one room.</summary>
public enum PortalRole
{
    Patient = 0,
    Doctor,
    Guardian,
    Hospital,
    RegulatoryAgency,
    Insurer,
    CloudServer,
}
