using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Crypto;

namespace Phr.Soak.Throughput;

/// <summary>How fast one core re-encrypts with a proof, and how fast it does so with fragments that it has to verify first. Nothing else is done: no envelope, no ledger, no store.</summary>
/// <param name="Reencryption">Time of one re-encryption.</param>
/// <param name="Verified">Time of one verification of a fragment and one re-encryption.</param>
internal sealed record BareRate(TimeSpan Reencryption, TimeSpan Verified)
{
    private const int Batch = 50;
    private const int Batches = 15;

    /// <summary>The medians over some batches.</summary>
    public static BareRate Measure()
    {
        using SecretKey delegating = SecretKey.Generate(), receiving = SecretKey.Generate(), signing = SecretKey.Generate();
        (Capsule capsule, _) = Umbral.Encrypt(delegating.PublicKey, RandomNumberGenerator.GetBytes(32));
        var verified = Umbral.GenerateKeyFrags(
            delegating, receiving.PublicKey, new Signer(signing), new KeyFragOptions { Threshold = Community.CommitteeThreshold, Shares = Community.CommitteeSize })[0];
        var fragment = KeyFrag.FromBytes(verified.ToBytes());
        return new BareRate(
            Median(() => Umbral.Reencrypt(capsule, verified)),
            Median(() => Umbral.Reencrypt(capsule, fragment.Verify(signing.PublicKey, delegating.PublicKey, receiving.PublicKey))));
    }

    /// <summary>The mean of two, taken before and after what they are compared with.</summary>
    public static BareRate Mean(BareRate a, BareRate b) => new((a.Reencryption + b.Reencryption) / 2, (a.Verified + b.Verified) / 2);

    private static TimeSpan Median(Func<object> operation)
    {
        var times = new List<TimeSpan>(Batches);
        for (int batch = 0; batch < Batches; batch++)
        {
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < Batch; i++)
            {
                GC.KeepAlive(operation());
            }

            times.Add(Stopwatch.GetElapsedTime(begin) / Batch);
        }

        times.Sort();
        return times[Batches / 2];
    }
}
