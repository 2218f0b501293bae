namespace Phr.Samples.Portal;

/// <summary>A step whose signature was right.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="By">Who did it, and signed it.</param>
/// <param name="At">When it was signed.</param>
/// <param name="Note">Words for the other; null for none.</param>
public sealed record PrescriptionStepView(PrescriptionStepKind Kind, PrescriptionParty By, DateTimeOffset At, string? Note);
