namespace Phr.Samples.Portal;

/// <summary>A prescription that its reader opened, and whose signature was right.</summary>
public sealed record PrescriptionView(Prescription Row, PrescriptionText Text, DateTimeOffset SignedAt);
