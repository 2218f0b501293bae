// Trains, judges and asks diagnosis models, on a published set or on your own CSV.
//
//   dotnet run --project samples/Diagnosis -- sets
//   dotnet run --project samples/Diagnosis -- train --set breast-mass --model breast-mass.phrmodel --report report.html
//   dotnet run --project samples/Diagnosis -- evaluate --model breast-mass.phrmodel --csv new-patients.csv
//   dotnet run --project samples/Diagnosis -- predict --model breast-mass.phrmodel --csv new-patients.csv
//   dotnet run --project samples/Diagnosis -- predict --model kidney.phrmodel --observations laboratory.json
//   dotnet run --project samples/Diagnosis -- report --csv mine.csv --schema mine.json --report report.html

using Phr.Crypto;
using Phr.Samples.Diagnosis;

using var cancel = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    cancel.Cancel();
};

try
{
    var options = Options.Parse(args);
    switch (options.Command)
    {
        case "sets":
            Commands.Sets();
            break;
        case "train":
            await Commands.TrainAsync(options, cancel.Token);
            break;
        case "report":
            await Commands.ReportAsync(options, cancel.Token);
            break;
        case "evaluate":
            Commands.Evaluate(options, cancel.Token);
            break;
        case "predict":
            Commands.Predict(options, cancel.Token);
            break;
        case "card":
            Commands.Card(options);
            break;
        default:
            Console.WriteLine(Options.Usage);
            break;
    }

    return 0;
}
catch (UsageException e)
{
    await Console.Error.WriteLineAsync($"{e.Message}\n\n{Options.Usage}");
    return 2;
}
catch (Exception e) when (e is InvalidDataException or PhrDataException or IOException or UnauthorizedAccessException or ArgumentException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Cancelled.");
    return 130;
}
