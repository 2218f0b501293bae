namespace Phr.Samples.Portal;

/// <summary>A prescription as one of its two parties sees it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Course">What it says and where it stands, every signature checked; null where it cannot be read.</param>
/// <param name="SignedAt">When the doctor signed it.</param>
/// <param name="Fault">What is wrong with it, or with its steps from some point on; null for nothing.</param>
public sealed record PrescriptionView(Prescription Row, PrescriptionCourse? Course, DateTimeOffset SignedAt, string? Fault)
{
    /// <summary>What the doctor wrote for the patient.</summary>
    public string Text => Course?.Resource.Dosage ?? string.Empty;

    /// <summary>The digest of what the doctor signed.</summary>
    internal Digest Paper { get; init; }

    /// <summary>The digest of the newest step; of the prescription before the first.</summary>
    internal Digest Last { get; init; }

    /// <summary>The bytes that the doctor signed.</summary>
    internal ReadOnlyMemory<byte> Signed { get; init; }
}
