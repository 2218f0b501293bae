namespace Phr.Records;

/// <summary>Which values become grey: those about a centre, from black to white over a width (PS3.3, C.11.2.1.2).</summary>
/// <remarks>Immutable; safe for use by several threads.</remarks>
public sealed record DicomWindow
{
    /// <summary>The value in the middle, in the units after rescaling: Hounsfield units for CT.</summary>
    public required double Center { get; init; }

    /// <summary>How many values lie between black and white.</summary>
    /// <value>At least 1 for <see cref="DicomWindowFunction.Linear"/>, above 0 for the others.</value>
    public required double Width { get; init; }

    /// <summary>How values between become grey.</summary>
    /// <value><see cref="DicomWindowFunction.Linear"/> unless set.</value>
    public DicomWindowFunction Function { get; init; }

    /// <summary>What the window is for, in the file's words: <c>BONE</c>; empty when it says nothing.</summary>
    public string Explanation { get; init; } = "";

    internal bool IsValid =>
        double.IsFinite(Center) && double.IsFinite(Width) && Math.Abs(Center) <= 1e12 && Width <= 1e12 && (Function == DicomWindowFunction.Linear ? Width >= 1 : Width > 0);

    /// <summary>The grey of a value, from 0 (black) to 1 (white).</summary>
    internal double Apply(double value)
    {
        switch (Function)
        {
            case DicomWindowFunction.Sigmoid:
                return 1 / (1 + Math.Exp(-4 * (value - Center) / Width));
            case DicomWindowFunction.LinearExact:
                return value <= Center - (Width / 2) ? 0 : value > Center + (Width / 2) ? 1 : ((value - Center) / Width) + 0.5;
            default:
                double middle = Center - 0.5;
                double half = (Width - 1) / 2;
                return value <= middle - half ? 0 : value > middle + half ? 1 : ((value - middle) / (Width - 1)) + 0.5;
        }
    }
}
