using System.Globalization;

namespace Phr.Soak.Faults;

/// <summary>How a run with faults is made.</summary>
/// <param name="Requests">How many requests.</param>
/// <param name="Seed">What decides which requests are of which kind, and the plan of faults.</param>
/// <param name="Recording">Where the recording that is judged goes; null for the run's own folder, which is removed.</param>
internal sealed record SoakOptions(int Requests, int Seed, string? Recording)
{
    public static SoakOptions? Parse(string[] arguments)
    {
        var options = new SoakOptions(2000, 1, null);
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string? value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--requests" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int requests) && requests is > 0 and <= 100_000:
                    options = options with { Requests = requests };
                    break;
                case "--seed" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seed):
                    options = options with { Seed = seed };
                    break;
                case "--recording" when value is not null:
                    options = options with { Recording = Path.GetFullPath(value) };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }
}
