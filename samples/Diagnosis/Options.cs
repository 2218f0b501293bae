using System.Globalization;
using Phr.Ml;

namespace Phr.Samples.Diagnosis;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    public const string Usage =
        """
        Usage: Diagnosis COMMAND [options]

          sets       the ready-made sets, with their licences
          train      trains the families on the same folds, saves the best as one file
          report     the same, and writes the report's page and pictures only
          evaluate   how good a saved model is on labelled rows that it has not seen
          predict    what a saved model says of each row of a CSV, or of a patient's laboratory values
          card       the card of a saved model, as Markdown

        Data:     --set NAME [--data FILE]          a ready-made set; its file where it does not come with the sample
                  --csv FILE --schema FILE.json     your own rows and their description
        Training: --folds N|FILE  --repeats N  --seed N  --families A,B,…  --cost N (a missed case, in false alarms)
                  --use TEXT  --population TEXT
        Files:    --model FILE  --report FILE.html  --pictures FOLDER
        Asking:   --level 0.9  --rows N  --observations FILE.json (FHIR R4, for models whose features have codes of LOINC)
        """;

    public string Command { get; init; } = "";

    public string? Set { get; init; }

    public string? Data { get; init; }

    public string? Csv { get; init; }

    public string? Schema { get; init; }

    public string? Model { get; init; }

    public string? Observations { get; init; }

    public string? Report { get; init; }

    public string? Pictures { get; init; }

    public ulong Seed { get; init; } = 7;

    public double Level { get; init; } = 0.9;

    public int Rows { get; init; } = int.MaxValue;

    public TrainingOptions Training { get; init; } = new();

    public static Options Parse(IReadOnlyList<string> args)
    {
        if (args.Count == 0 || args[0] is "--help" or "-h" or "help")
        {
            return new Options();
        }

        if (args[0] is not ("sets" or "train" or "report" or "evaluate" or "predict" or "card"))
        {
            throw new UsageException($"There is no command {args[0]}.");
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 1; i < args.Count; i += 2)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == args.Count || !values.TryAdd(args[i][2..], args[i + 1]))
            {
                throw new UsageException($"{args[i]} is not an option with a value, or is there twice.");
            }
        }

        string? Take(string name)
        {
            values.Remove(name, out string? value);
            return value;
        }

        string? folds = Take("folds");
        var options = new Options
        {
            Command = args[0],
            Set = Take("set"),
            Data = Take("data"),
            Csv = Take("csv"),
            Schema = Take("schema"),
            Model = Take("model"),
            Observations = Take("observations"),
            Report = Take("report"),
            Pictures = Take("pictures"),
            Seed = Number(Take("seed"), 7UL, "seed"),
            Level = Number(Take("level"), 0.9, "level"),
            Rows = Number(Take("rows"), int.MaxValue, "rows"),
            Training = new TrainingOptions
            {
                Folds = int.TryParse(folds, CultureInfo.InvariantCulture, out int count) ? count : 10,
                FoldAssignment = folds is null || count > 0 ? null : FoldAssignment.ReadCsv(folds),
                Repeats = Number(Take("repeats"), 3, "repeats"),
                MissedCaseCost = Number(Take("cost"), 1.0, "cost"),
                IntendedUse = Take("use") ?? "",
                Population = Take("population") ?? "",
                Families = Take("families") is { } families
                    ? [.. families.Split(',').Select(f => Enum.TryParse(f, ignoreCase: true, out ModelFamily family) ? family : throw new UsageException($"There is no family {f}. There are: {string.Join(", ", Enum.GetNames<ModelFamily>())}."))]
                    : new TrainingOptions().Families,
            },
        };
        return values.Count == 0 ? options : throw new UsageException($"There is no option --{values.Keys.First()}.");
    }

    private static T Number<T>(string? text, T otherwise, string name)
        where T : IParsable<T> =>
        text is null ? otherwise : T.TryParse(text, CultureInfo.InvariantCulture, out T? value) ? value : throw new UsageException($"--{name} wants a number.");
}
