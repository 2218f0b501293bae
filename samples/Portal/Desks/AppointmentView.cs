namespace Phr.Samples.Portal;

/// <summary>An appointment as its doctor sees it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Request">The doctor's request; null before it was sent.</param>
/// <param name="Stage">Where it stands.</param>
public sealed record AppointmentView(Appointment Row, RequestRecord? Request, AppointmentStage Stage);
