using System.Text.Json;
using Phr.Ml.Learners;
using Phr.TestSupport;

namespace Phr.Ml.Tests.Models;

/// <summary>Files written by this version, kept so that later versions are held to reading them: tests/vectors/model.</summary>
public class ModelVectorTests
{
    private static readonly int[] _rows = [0, 19, 21, 100, 300, 568];

    public static TheoryData<string> Names => new("linear", "forest");

    [Theory]
    [MemberData(nameof(Names))]
    public void FromBytes_FileOfVersion1_StillAnswersTheSame(string name)
    {
        DiagnosisModel model = DiagnosisModel.Load(Vector($"{name}-v1.phrmodel"));
        using var expected = JsonDocument.Parse(File.ReadAllText(Vector($"{name}-v1.json")));

        Assert.Equal(expected.RootElement.GetProperty("digest").GetString(), model.Digest.ToString());
        Assert.Equal(File.ReadAllBytes(Vector($"{name}-v1.phrmodel")), model.ToBytes());
        foreach (JsonElement row in expected.RootElement.GetProperty("rows").EnumerateArray())
        {
            Diagnosis d = model.PredictValues(TrainedModels.Masses.Row(row.GetProperty("row").GetInt32()));

            // The exponential of another processor or runtime may differ in its last digit.
            Assert.Equal(row.GetProperty("probability").GetDouble(), d.Probability, 1e-12);
            Assert.Equal(row.GetProperty("set").GetString(), d.Set.ToString());
            Assert.Equal(row.GetProperty("first").GetString(), d.Contributions[0].Feature);
            Assert.Equal(row.GetProperty("contribution").GetDouble(), d.Contributions[0].Contribution, 1e-9);
            Assert.Equal(row.GetProperty("cohort").GetInt32(), d.Cohort.Cohort.Number);
            Assert.Equal(row.GetProperty("unlike").GetBoolean(), d.IsUnlikeTrainingData);
        }
    }

    /// <summary>Writes the files anew; only for a new version of the format.</summary>
    [Theory(Explicit = true)]
    [MemberData(nameof(Names))]
    public void Write(string name)
    {
        DiagnosisModel model = name == "forest" ? TrainedModels.Train(TrainedModels.Masses, new ForestLearner { Trees = 8, MaxDepth = 5 }) : TrainedModels.Of(name);
        model.Save(Vector($"{name}-v1.phrmodel"));
        object[] rows =
        [
            .. _rows.Select(i =>
            {
                Diagnosis d = model.PredictValues(TrainedModels.Masses.Row(i));
                return (object)new
                {
                    row = i,
                    probability = d.Probability,
                    set = d.Set.ToString(),
                    first = d.Contributions[0].Feature,
                    contribution = d.Contributions[0].Contribution,
                    cohort = d.Cohort.Cohort.Number,
                    unlike = d.IsUnlikeTrainingData,
                };
            }),
        ];
        File.WriteAllText(Vector($"{name}-v1.json"), JsonSerializer.Serialize(new { digest = model.Digest.ToString(), rows }, new JsonSerializerOptions { WriteIndented = true }) + "\n");
    }

    private static string Vector(string file) => RepositoryRoot.Combine("tests", "vectors", "model", file);
}
