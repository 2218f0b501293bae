namespace Phr.Samples.Portal;

/// <summary>A claim as the cloud server's operator sees it.</summary>
/// <param name="Record">What the ledger has.</param>
/// <param name="Patient">Whose it is; null for somebody of another portal.</param>
/// <param name="Insurer">Who is to pay; null for somebody of another portal.</param>
public sealed record InsuranceLine(ClaimRecord Record, PortalUser? Patient, PortalUser? Insurer);
