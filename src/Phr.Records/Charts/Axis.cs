using System.Globalization;

namespace Phr.Records.Charts;

/// <summary>The marks of an axis of numbers: steps of 1, 2 or 5 times a power of ten.</summary>
internal sealed class Axis
{
    private Axis(double low, double high, double step, int decimals) => (Low, High, Step, Decimals) = (low, high, step, decimals);

    public double Low { get; }

    public double High { get; }

    public double Step { get; }

    private int Decimals { get; }

    public static Axis Cover(double least, double most, int marks)
    {
        if (most - least < Math.Max(Math.Abs(most), 1) * 1e-9)
        {
            double around = Math.Max(Math.Abs(most) * 0.1, 0.5);
            (least, most) = (least - around, most + around);
        }

        double rough = (most - least) / marks;
        int power = (int)Math.Floor(Math.Log10(rough));
        double unit = Math.Pow(10, power);
        double times = rough / unit;
        int factor = times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10;
        double step = factor * unit;
        return new Axis(Math.Floor(least / step) * step, Math.Ceiling(most / step) * step, step, Math.Max(0, -(power + (factor == 10 ? 1 : 0))));
    }

    public IEnumerable<double> Marks()
    {
        int count = (int)Math.Round((High - Low) / Step);
        for (int i = 0; i <= count; i++)
        {
            yield return Low + (i * Step);
        }
    }

    public string Label(double mark)
    {
        double rounded = Math.Round(mark, Math.Min(Decimals, 15));
        return (rounded == 0 ? 0 : rounded).ToString("F" + Decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
