using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Crypto;

namespace Phr.Soak.Throughput;

/// <summary>
/// How fast one core re-encrypts with a proof, and how fast it does so with fragments that it has to verify first, while the other cores do the same: where two share what computes, each is slower
/// than alone, and an oracle uses all. Nothing else is done: no envelope, no ledger, no store.
/// </summary>
/// <param name="Reencryption">Time of one re-encryption.</param>
/// <param name="Verified">Time of one verification of a fragment and one re-encryption.</param>
internal sealed record BareRate(TimeSpan Reencryption, TimeSpan Verified)
{
    private const int Count = 750;

    /// <summary>The processor time of one, over some hundreds.</summary>
    public static BareRate Measure()
    {
        using SecretKey delegating = SecretKey.Generate(), receiving = SecretKey.Generate(), signing = SecretKey.Generate();
        (Capsule capsule, _) = Umbral.Encrypt(delegating.PublicKey, RandomNumberGenerator.GetBytes(32));
        var verified = Umbral.GenerateKeyFrags(
            delegating, receiving.PublicKey, new Signer(signing), new KeyFragOptions { Threshold = Community.CommitteeThreshold, Shares = Community.CommitteeSize })[0];
        var fragment = KeyFrag.FromBytes(verified.ToBytes());
        return new BareRate(
            Measure(() => Umbral.Reencrypt(capsule, verified)),
            Measure(() => Umbral.Reencrypt(capsule, fragment.Verify(signing.PublicKey, delegating.PublicKey, receiving.PublicKey))));
    }

    /// <summary>The mean of two, taken before and after what they are compared with.</summary>
    public static BareRate Mean(BareRate a, BareRate b) => new((a.Reencryption + b.Reencryption) / 2, (a.Verified + b.Verified) / 2);

    // Processor time, as that of the jobs: what other processes take does not count.
    private static TimeSpan Measure(Func<object> operation)
    {
        using var self = Process.GetCurrentProcess();
        TimeSpan before = self.TotalProcessorTime;
        Thread[] threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Count; i++)
            {
                GC.KeepAlive(operation());
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        self.Refresh();
        return (self.TotalProcessorTime - before) / (Count * threads.Length);
    }
}
