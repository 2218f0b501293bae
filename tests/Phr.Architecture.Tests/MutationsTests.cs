using Phr.TestSupport;

namespace Phr.Architecture.Tests;

/// <summary>The helper that damages inputs must itself find a reader that breaks its promise.</summary>
public sealed class MutationsTests
{
    private static readonly byte[][] _samples = [[0x83, 0x01, 0x02, 0x03], [0x82, 0x44, 1, 2, 3, 4, 0x05]];

    [Fact]
    public void Run_ReaderKeepsItsPromise_TriesEveryInput()
    {
        int calls = 0;
        Mutations.Run(
            "honest reader",
            _samples,
            bytes =>
            {
                calls++;
                return bytes is [0x83, ..] or [0x82, ..] ? true : bytes.Length % 2 == 0 ? false : throw new FormatException("refused");
            },
            e => e is FormatException);

        Assert.Equal(Mutations.Count + _samples.Length, calls);
    }

    [Fact]
    public void Run_ReaderIndexesPastTheEnd_FailsWithSeedAndInput()
    {
        var failure = Assert.ThrowsAny<Exception>(() => Mutations.Run("self test", _samples, bytes => bytes[3] != 0xfe, e => e is FormatException));

        Assert.Contains("PHR_TEST_SEED=", failure.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(IndexOutOfRangeException), failure.Message, StringComparison.Ordinal);
        foreach (string kept in Directory.GetFiles(RepositoryRoot.Combine("TestResults", "mutations"), "self-test-*.bin"))
        {
            File.Delete(kept);
        }
    }

    [Fact]
    public void Run_SampleNotAccepted_Fails() =>
        Assert.ThrowsAny<Exception>(() => Mutations.Run("blind reader", _samples, _ => false, _ => true));
}
