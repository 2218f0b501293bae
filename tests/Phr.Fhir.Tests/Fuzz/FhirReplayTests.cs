using Phr.Fuzz;

namespace Phr.Fhir.Tests.Fuzz;

/// <summary>What fuzzing kept, tried again.</summary>
public class FhirReplayTests
{
    public static TheoryData<string> Targets => [.. FhirFuzzTargets.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Read_KeptInputs_AreAcceptedOrRefusedAsPromised(string name)
    {
        FuzzTarget target = FhirFuzzTargets.Find(name)!;
        Assert.All(target.Seeds(), seed => Assert.True(target.Run([.. seed]), name));
        IReadOnlyList<byte[]> inputs = CorpusFile.Read(KeptCorpus.PathOf(name));
        Assert.NotEmpty(inputs);
        Assert.NotEqual(0, inputs.Count(input => target.Run([.. input])));
    }

    [Fact]
    public void Targets_EveryReader_HasOne()
    {
        // The Try twins read the same.
        string[] readers = [.. typeof(FhirR4).GetMethods().Select(m => m.Name).Where(n => n.StartsWith("Read", StringComparison.Ordinal)).Distinct()];
        Assert.Equal(readers.Length, FhirFuzzTargets.All.Count);
    }
}
