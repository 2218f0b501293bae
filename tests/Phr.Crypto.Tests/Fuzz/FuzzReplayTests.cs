using System.Reflection;
using Phr.Fuzz;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Fuzz;

/// <summary>What fuzzing kept, tried again: the inputs that reach every branch that was ever reached, and all that ever made a reader fail.</summary>
public class FuzzReplayTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Read_KeptInputs_AreAcceptedOrRefusedAsPromised(string name)
    {
        FuzzTarget target = FuzzTargets.Find(name)!;
        IReadOnlyList<byte[]> inputs = CorpusFile.Read(KeptCorpus.PathOf(name));
        if (inputs.Count == 0)
        {
            Assert.Skip($"No campaign has kept inputs for {name} yet: tests/Phr.Fuzz/campaign.sh 10000000 {name}");
        }

        int accepted = 0;
        foreach (byte[] input in inputs)
        {
            try
            {
                accepted += target.Run([.. input]) ? 1 : 0;
            }
            catch (Exception e)
            {
                Assert.Fail($"{name}: kept input {CorpusFile.NameOf(input)} made the reader fail.\n{e}");
            }
        }

        Assert.True(accepted > 0, $"{name}: no kept input is accepted, so that nothing beyond the first check was tried.");
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Read_Seeds_AreAcceptedAndEveryShorterOneIsNoFault(string name)
    {
        FuzzTarget target = FuzzTargets.Find(name)!;
        foreach (byte[] seed in target.Seeds())
        {
            Assert.True(target.Run([.. seed]), $"{name}: a seed is not accepted.");
            for (int length = 0; length < seed.Length; length += 1 + (seed.Length / 64))
            {
                target.Run(seed[..length]);
            }
        }
    }

    [Fact]
    public void Read_InputsThatOnceFailed_AreNoFaultAnyMore()
    {
        string folder = RepositoryRoot.Combine("tests", "vectors", "fuzz", "crashes");
        foreach (string file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.bin") : [])
        {
            string name = Path.GetFileNameWithoutExtension(file);
            FuzzTarget target = FuzzTargets.Find(name[..name.LastIndexOf('-')]) ?? throw new InvalidOperationException($"{file} is of no target.");
            target.Run(File.ReadAllBytes(file));
        }
    }

    [Fact]
    public void Targets_EveryPublicReader_HasOne()
    {
        HashSet<Type> covered = [.. FuzzTargets.All.SelectMany(t => t.Readers)];
        Type[] missing =
        [
            .. new[] { typeof(Capsule), typeof(Ml.DiagnosisModel) }.SelectMany(t => t.Assembly.GetExportedTypes())
                .Where(t => t.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Any(m => m.Name is "FromBytes" or "Parse" or "TryFromBytes" or "TryParse" or "FromJson" or "ReadCsv"))
                .Where(t => !covered.Contains(t)),
        ];
        Assert.Empty(missing);
        Assert.Distinct(FuzzTargets.All.Select(t => t.Name));
    }
}
