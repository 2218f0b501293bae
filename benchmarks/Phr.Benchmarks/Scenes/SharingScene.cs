using Phr.Crypto;

namespace Phr.Benchmarks.Scenes;

/// <summary>One secret shared among so many trustees, more than half of whom are needed.</summary>
internal sealed class SharingScene : IDisposable
{
    private readonly SecretKey _secret = SecretKey.Generate();
    private readonly Share[] _used;

    public SharingScene(int trustees)
    {
        Trustees = trustees;
        Threshold = (trustees / 2) + 1;
        (Shares, Commitments) = Split();
        _used = Shares[..Threshold];
    }

    public int Trustees { get; }

    public int Threshold { get; }

    public Share[] Shares { get; }

    public FeldmanCommitments Commitments { get; }

    public (Share[] Shares, FeldmanCommitments Commitments) Split() => SecretSharing.Split(_secret, Threshold, Trustees);

    public bool Verify() => Commitments.Verify(Shares[^1]);

    public void VerifyMany() => Demand(Commitments.FindBadShares(Shares).Count == 0);

    public void VerifyManyOneByOne() => Demand(Shares.All(Commitments.Verify));

    public SecretKey Recombine() => SecretSharing.Recombine(_used, Commitments);

    public void Dispose()
    {
        _secret.Dispose();
        foreach (Share share in Shares)
        {
            share.Dispose();
        }
    }

    private static void Demand(bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException("A share does not verify.");
        }
    }
}
