namespace Phr.Samples.Portal;

/// <summary>What a prescription says.</summary>
/// <param name="Text">The medicine and how to take it.</param>
public sealed record PrescriptionText(string Text)
{
    /// <summary>The most characters.</summary>
    public const int MaxLength = 4000;
}
