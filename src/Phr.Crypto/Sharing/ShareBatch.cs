using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Sharing;

/// <summary>Shares and the commitments they should lie on, checked as one random linear combination: (Σ w·s)G = Σ w·Σ index^k·F_k.</summary>
internal sealed class ShareBatch(RandomSource random)
{
    /// <summary>From so many shares on, one check of all is faster than one of each.</summary>
    public const int Worthwhile = 3;

    private readonly RelationBatch _batch = new(random);
    private Scalar _sum = Scalar.Zero;

    public void Add(FeldmanCommitments commitments, int index, Scalar share)
    {
        Scalar weight = _batch.NextWeight();
        _sum += weight * share;
        commitments.AddTo(_batch, weight, index);
    }

    /// <summary>Whether all do, but for a probability of 2^-128.</summary>
    public bool AllMatch()
    {
        var expected = Point.MultiplyBase(_sum);
        _sum = Scalar.Zero;
        return _batch.SumIsVarTime(expected);
    }
}
