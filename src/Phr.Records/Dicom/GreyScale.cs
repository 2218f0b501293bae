namespace Phr.Records.Dicom;

/// <summary>From the numbers in the file to those that a physician knows (modality), as one frame has it (PS3.3, C.11.1), and to the grey that the file proposes (C.11.2).</summary>
internal sealed class GreyScale
{
    private readonly double _slope;
    private readonly double _intercept;
    private readonly LookupTable? _modality;
    private readonly LookupTable? _voi;

    private GreyScale(double slope, double intercept, LookupTable? modality, LookupTable? voi, IReadOnlyList<DicomWindow> windows) =>
        (_slope, _intercept, _modality, _voi, Windows) = (slope, intercept, modality, voi, windows);

    /// <summary>The windows that the file proposes, those left out that cannot be.</summary>
    public IReadOnlyList<DicomWindow> Windows { get; }

    /// <summary>Whether the file proposes a table instead of a window.</summary>
    public bool HasTable => _voi is not null;

    public static GreyScale Read(DicomDataset dataset, PixelLayout layout, int frame)
    {
        // Enhanced objects say it for each frame, or for all, in functional groups (C.7.6.16).
        DicomDataset Where(uint macro, uint tag)
        {
            IReadOnlyList<DicomDataset> frames = dataset.GetItems(new DicomTag(0x5200_9230));
            foreach (DicomDataset? group in (DicomDataset?[])[frame < frames.Count ? frames[frame] : null, dataset.GetItems(new DicomTag(0x5200_9229)).FirstOrDefault()])
            {
                if (group?.GetItems(new DicomTag(macro)).FirstOrDefault() is { } found && found.TryFind(new DicomTag(tag), out _))
                {
                    return found;
                }
            }

            return dataset;
        }

        DicomDataset rescale = Where(0x0028_9145, 0x0028_1053);
        LookupTable? modality = null;
        if (dataset.GetItems(new DicomTag(0x0028_3000)) is [{ } table, ..])
        {
            modality = LookupTable.Read(table, new DicomTag(0x0028_3002), new DicomTag(0x0028_3006), layout.IsSigned);
        }

        double intercept = rescale.GetNumber(new DicomTag(0x0028_1052)) ?? 0;
        double slope = rescale.GetNumber(new DicomTag(0x0028_1053)) ?? 1;
        if (Math.Abs(intercept) > 1e12 || Math.Abs(slope) > 1e12)
        {
            throw Error.DicomOutOfRange(new DicomTag(0x0028_1053), "or the intercept is beyond all measure");
        }

        LookupTable? voi = null;
        if (dataset.GetItems(new DicomTag(0x0028_3010)) is [{ } shown, ..])
        {
            voi = LookupTable.Read(shown, new DicomTag(0x0028_3002), new DicomTag(0x0028_3006), layout.IsSigned || intercept < 0);
        }

        return new GreyScale(slope, intercept, modality, voi, ReadWindows(Where(0x0028_9132, 0x0028_1050)));
    }

    public double Modality(long stored) => _modality is null ? (stored * _slope) + _intercept : _modality[stored];

    /// <summary>The grey that the file's table gives a value, from 0 to 1.</summary>
    public double Table(double value) => (double)_voi![value] / ((1 << _voi.Bits) - 1);

    private static List<DicomWindow> ReadWindows(DicomDataset dataset)
    {
        IReadOnlyList<double> centers = dataset.GetNumbers(new DicomTag(0x0028_1050));
        IReadOnlyList<double> widths = dataset.GetNumbers(new DicomTag(0x0028_1051));
        IReadOnlyList<string> explanations = dataset.GetStrings(new DicomTag(0x0028_1055));
        DicomWindowFunction function = dataset.GetString(new DicomTag(0x0028_1056)) switch
        {
            "SIGMOID" => DicomWindowFunction.Sigmoid,
            "LINEAR_EXACT" => DicomWindowFunction.LinearExact,
            _ => DicomWindowFunction.Linear,
        };
        var windows = new List<DicomWindow>();
        for (int i = 0; i < Math.Min(Math.Min(centers.Count, widths.Count), 64); i++)
        {
            var window = new DicomWindow { Center = centers[i], Width = widths[i], Function = function, Explanation = i < explanations.Count ? explanations[i] : "" };
            if (window.IsValid)
            {
                windows.Add(window);
            }
        }

        return windows;
    }
}
