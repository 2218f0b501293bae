using Phr.Records.Dicom;

namespace Phr.Records;

/// <summary>The picture in a DICOM file: one frame or many, of grey values or of colours.</summary>
/// <remarks>
/// Shows MONOCHROME1 and 2 of 1, 8, 16 and 32 bits, signed or not, with rescaling or a modality table, and a window or a table for display; PALETTE COLOR; RGB and YBR_FULL, in
/// pixels or planes; YBR_FULL_422. Overlays and presentation states are not drawn. A frame is decoded when it is asked for, and not kept. Immutable; safe for use by several threads.
/// </remarks>
public sealed class DicomImage
{
    private readonly DicomDataset _dataset;
    private readonly DicomElement _pixels;
    private readonly PixelLayout _layout;
    private readonly SyntaxKind _syntax;
    private readonly Palette? _palette;

    private DicomImage(DicomDataset dataset, DicomElement pixels, PixelLayout layout, SyntaxKind syntax)
    {
        _dataset = dataset;
        _pixels = pixels;
        _layout = layout;
        _syntax = syntax;
        _palette = layout.Photometric == "PALETTE COLOR" ? Palette.Read(dataset) : null;
        Windows = IsColor ? [] : GreyScale.Read(dataset, layout, frame: 0).Windows;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width => _layout.Columns;

    /// <summary>Rows.</summary>
    public int Height => _layout.Rows;

    /// <summary>How many frames there are; at least 1.</summary>
    public int FrameCount => _layout.Frames;

    /// <summary>Whether the picture has colours, and so neither values nor windows.</summary>
    public bool IsColor => _layout.Samples == 3 || _palette is not null;

    /// <summary>How the file has colours or grey, in its own word: <c>MONOCHROME2</c>.</summary>
    public string PhotometricInterpretation => _layout.Photometric;

    /// <summary>The windows that the file proposes for its first frame, the one to begin with first; none for colours, and none when it proposes none.</summary>
    public IReadOnlyList<DicomWindow> Windows { get; }

    /// <summary>What the values are in, in the file's word: <c>HU</c> for Hounsfield units; null when it does not say.</summary>
    public string? Unit => _dataset.GetString(new DicomTag(0x0028_1054));

    internal static DicomImage Create(DicomFile file)
    {
        DicomDataset dataset = file.Dataset;
        if (!dataset.TryFind(DicomTag.PixelData, out DicomElement? pixels))
        {
            throw dataset.TryFind(new DicomTag(0x7FE0_0008), out _) || dataset.TryFind(new DicomTag(0x7FE0_0009), out _)
                ? Error.DicomUnsupported("the picture is of floating-point numbers, which this library does not show", "Convert it to whole numbers with the program that made it")
                : Error.DicomMissing(DicomTag.PixelData);
        }

        DicomTransferSyntax syntax = file.TransferSyntax;
        if (!syntax.IsRenderable)
        {
            throw Error.DicomUnsupported($"the picture is compressed as {syntax}, which this library does not read", syntax.Remedy);
        }

        PixelLayout layout = PixelLayout.Read(dataset, file.MaxFramePixels);
        PixelReader.Check(pixels, layout, syntax.Kind);
        return new DicomImage(dataset, pixels, layout, syntax.Kind);
    }

    /// <summary>The values of a frame of grey, in the units after rescaling.</summary>
    /// <param name="frame">Which frame, from 0.</param>
    /// <returns>One value for each pixel, row by row from the top left.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    /// <exception cref="InvalidOperationException">The picture has colours.</exception>
    /// <exception cref="Phr.Crypto.PhrDataException">The frame is damaged.</exception>
    public double[] GetValues(int frame)
    {
        CheckGrey(frame);
        ReadOnlySpan<byte> bytes = Frame(frame).Span;
        GreyScale scale = GreyScale.Read(_dataset, _layout, frame);
        double[] values = new double[_layout.Pixels];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = scale.Modality(_layout.Value(bytes, i));
        }

        return values;
    }

    /// <summary>The window from the least to the greatest value of a frame, without those that only fill the frame (Pixel Padding Value).</summary>
    /// <param name="frame">Which frame, from 0.</param>
    /// <returns>A window of the function <see cref="DicomWindowFunction.LinearExact"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    /// <exception cref="InvalidOperationException">The picture has colours.</exception>
    /// <exception cref="Phr.Crypto.PhrDataException">The frame is damaged.</exception>
    public DicomWindow GetFullWindow(int frame)
    {
        CheckGrey(frame);
        return FullWindow(Frame(frame).Span, GreyScale.Read(_dataset, _layout, frame));
    }

    /// <summary>Draws a frame.</summary>
    /// <param name="frame">Which frame, from 0.</param>
    /// <param name="window">Which values become grey; when null, the table or the first window that the file proposes for the frame, or else the full range of it. Ignored for colours.</param>
    /// <returns>A picture of 8 bits a sample, of grey or of red, green and blue.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame, or the window has a width that its function does not allow.</exception>
    /// <exception cref="Phr.Crypto.PhrDataException">The frame is damaged.</exception>
    public Picture Render(int frame = 0, DicomWindow? window = null)
    {
        CheckFrame(frame);
        if (window is { IsValid: false })
        {
            throw new ArgumentOutOfRangeException(nameof(window), "The window's centre or width is not one that its function allows.");
        }

        ReadOnlySpan<byte> bytes = Frame(frame).Span;
        if (_palette is not null)
        {
            return new Picture(Width, Height, PictureFormat.Rgb24, _palette.Draw(bytes, _layout));
        }

        return IsColor
            ? new Picture(Width, Height, PictureFormat.Rgb24, ColorPixels.Draw(bytes, _layout))
            : new Picture(Width, Height, PictureFormat.Grey8, DrawGrey(bytes, GreyScale.Read(_dataset, _layout, frame), window));
    }

    private byte[] DrawGrey(ReadOnlySpan<byte> bytes, GreyScale scale, DicomWindow? window)
    {
        bool useTable = window is null && scale.HasTable;
        window ??= scale.Windows.Count > 0 ? scale.Windows[0] : useTable ? null : FullWindow(bytes, scale);
        bool inverted = _layout.Photometric == "MONOCHROME1";
        byte Grey(long stored)
        {
            double value = scale.Modality(stored);
            double grey = useTable ? scale.Table(value) : window!.Apply(value);
            return (byte)((255 * (inverted ? 1 - grey : grey)) + 0.5);
        }

        byte[] pixels = new byte[_layout.Pixels];
        if (_layout.BitsStored > 16)
        {
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = Grey(_layout.Value(bytes, i));
            }

            return pixels;
        }

        // Each value is worked out once, when it is first met.
        short[] known = new short[1 << _layout.BitsStored];
        for (int i = 0; i < pixels.Length; i++)
        {
            int raw = (int)_layout.Raw(bytes, i);
            if (known[raw] == 0)
            {
                known[raw] = (short)(Grey(_layout.Signed(raw)) + 1);
            }

            pixels[i] = (byte)(known[raw] - 1);
        }

        return pixels;
    }

    private DicomWindow FullWindow(ReadOnlySpan<byte> bytes, GreyScale scale)
    {
        double? padding = _dataset.TryFind(new DicomTag(0x0028_0120), out DicomElement? element) && element.Vr is DicomVr.US or DicomVr.SS && element.GetNumbers() is [double first, ..]
            ? _layout.IsSigned && first > short.MaxValue ? first - 65536 : first
            : null;
        double least = double.PositiveInfinity;
        double most = double.NegativeInfinity;
        for (int i = 0; i < _layout.Pixels; i++)
        {
            long stored = _layout.Value(bytes, i);
            if (stored != padding)
            {
                double value = scale.Modality(stored);
                least = Math.Min(least, value);
                most = Math.Max(most, value);
            }
        }

        // A frame of one value, or of padding alone.
        return most > least
            ? new DicomWindow { Center = (least + most) / 2, Width = most - least, Function = DicomWindowFunction.LinearExact }
            : new DicomWindow { Center = double.IsFinite(least) ? least : 0, Width = 1, Function = DicomWindowFunction.LinearExact };
    }

    private ReadOnlyMemory<byte> Frame(int frame) => PixelReader.Read(_pixels, _layout, _syntax, frame);

    private void CheckGrey(int frame)
    {
        CheckFrame(frame);
        if (IsColor)
        {
            throw new InvalidOperationException("A picture of colours has no values and no windows.");
        }
    }

    private void CheckFrame(int frame)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, FrameCount);
    }
}
