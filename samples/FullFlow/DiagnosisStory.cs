using System.Globalization;
using Phr.Consent;
using Phr.Crypto;
using Phr.Ml;
using Phr.Oracle;

namespace Phr.Samples.FullFlow;

/// <summary>The doctor opens a laboratory record and asks a model about it that a hospital trained and signed.</summary>
internal static class DiagnosisStory
{
    private const string Record = "laboratory.csv";
    private const int Shown = 5;

    public static async Task PlayAsync(Flow flow)
    {
        await flow.SealAsync();
        RequestId request = await flow.RequestAsync();
        await flow.ConsentAsync(request);
        await flow.WaitForGrantAsync(request);
        await flow.ServeAsync(request);
        OpenResult result = await flow.OpenAsync(request);
        OpenedFile? opened = result.Files.FirstOrDefault(f => f.Document.Info.Title == Record);
        flow.Require(opened is not null, $"the records have a {Record}, and the grant opened it");

        FeatureSchema schema = KnownSchemas.BreastMass.SchemaOf([]);
        Dataset patients = Dataset.ReadCsv(opened!.Name, schema, new CsvReadOptions { Purpose = CsvPurpose.Prediction });
        string file = await flow.TimeAsync("train a model", () => TrainAsync(flow, schema, patients));

        // The doctor takes no model but one that this hospital signed.
        (string hospital, IdentityKeys keys) = flow.World.SourceHospitals[0];
        DiagnosisModel model = DiagnosisModel.Load(file, new HospitalModelVerifier(keys.PublicKeys.ObjectKey));
        flow.Require(model.Signature is not null, $"the model's file is signed by {hospital}, and what was signed includes its card");
        flow.Require(Refuses(file, flow.World.SourceHospitals[1].Keys.PublicKeys.ObjectKey), "asked to trust another hospital only, the doctor's program reads nothing of the model");

        flow.Say(model.Card.ToMarkdown());
        IReadOnlyList<Diagnosis> answers = model.PredictAll(patients, cancellationToken: flow.Cancellation);
        for (int i = 0; i < answers.Count; i++)
        {
            Diagnosis d = answers[i];
            if (i >= Shown && !d.IsUnlikeTrainingData)
            {
                continue;
            }

            string why = string.Join(", ", d.Contributions.Take(3).Select(c => c.ToString()));
            flow.Say(string.Create(CultureInfo.InvariantCulture, $"row {i + 1}: {d}; for and against {d.ExplainedClass} in {d.Unit}: {why}; {d.Cohort.Cohort}"));
            foreach (UnlikenessReason reason in d.Reasons)
            {
                flow.Say($"       do not rely on it: {reason}");
            }
        }

        flow.Say($"{answers.Count} rows asked about, {answers.Count(d => d.Class == schema.Classes[1])} called {schema.Classes[1]}.");
        flow.Require(answers.Count == patients.Count && answers.All(d => d.Probability is >= 0 and <= 1 && d.Contributions.Count == schema.Features.Count), "every row has a probability and says what it rests on");
        await flow.RateAndCloseAsync(request, result);
    }

    // The hospital's own patients: a published set, without those whose record the doctor holds.
    private static async Task<string> TrainAsync(Flow flow, FeatureSchema schema, Dataset without)
    {
        Dataset all = KnownSchemas.BreastMass.Read(Path.Combine(AppContext.BaseDirectory, "training", KnownSchemas.BreastMass.FileName));
        int[] rows = [.. Enumerable.Range(0, all.Count).Where(i => !Enumerable.Range(0, without.Count).Any(j => without.Row(j).SequenceEqual(all.Row(i))))];
        var options = new TrainingOptions
        {
            Folds = 5,
            Repeats = 1,
            Families = [ModelFamily.KernelSvm],
            IntendedUse = "To show how a prediction travels with its card. Not for patients.",
            Population = "569 needle samples of breast masses, University of Wisconsin, before 1993",
        };
        TrainingReport report = await new DiagnosisTrainer(schema, seed: 7).TrainAsync(all.Subset(rows), options, cancellationToken: flow.Cancellation);
        (string hospital, IdentityKeys keys) = flow.World.SourceHospitals[0];
        string file = Path.Combine(flow.Folder, "breast-mass.phrmodel");
        report.Winner.Sign(new HospitalModelSigner(keys.ObjectSigner)).Save(file);
        flow.Say($"{hospital} trained a model on {rows.Length} of its records, signed it, and published {new FileInfo(file).Length:n0} bytes.");
        return file;
    }

    private static bool Refuses(string file, PublicKey trusted)
    {
        try
        {
            DiagnosisModel.Load(file, new HospitalModelVerifier(trusted));
            return false;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }
}
