using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Sharing;

/// <summary>
/// Verifiable redistribution: each old holder shares its own share onward as it is, and whoever gets a new share adds up what
/// it was given, weighted by the interpolation coefficients of the dealers that turned out good. Nobody rebuilds the secret or
/// another's share.
/// </summary>
/// <remarks>
/// Sources: Desmedt and Jajodia, "Redistributing secret shares to new access structures and its applications" (1997);
/// Wong, Wang and Wing, "Verifiable secret redistribution for archive systems" (2002). Generic where a test tries every choice over a small field.
/// </remarks>
internal static class Redistribution
{
    /// <summary>λ_g·λ_{g,i} of dealers that are exactly as many as needed, in the order given.</summary>
    /// <exception cref="ArgumentException">A seat occurs twice.</exception>
    public static TField[] Weights<TField>(IReadOnlyList<PolicySeat> dealers)
        where TField : unmanaged, IPrimeField<TField>
    {
        int[] groups = [.. dealers.Select(static d => d.Group).Distinct()];
        TField[] groupWeights = Lagrange.AtZero<TField>([.. groups.Select(static g => TField.FromUInt32((uint)g))]);
        var weights = new TField[dealers.Count];
        for (int d = 0; d < weights.Length; d++)
        {
            int group = dealers[d].Group;
            int[] members = [.. dealers.Where(o => o.Group == group).Select(static o => o.Member)];
            TField[] memberWeights = Lagrange.AtZero<TField>([.. members.Select(static m => TField.FromUInt32((uint)m))]);
            weights[d] = groupWeights[Array.IndexOf(groups, group)] * memberWeights[Array.IndexOf(members, dealers[d].Member)];
        }

        return weights;
    }

    /// <summary>
    /// Shares one holder's share onward. The value for seat k is written as 32 bytes, big endian, to <paramref name="destinations"/>[k] at
    /// <paramref name="offset"/>, seats in the order of the shape.
    /// </summary>
    public static (GroupCommitments Commitments, CommitmentTwins Twins) Deal(
        SecretKey share, SharingShape shape, uint epoch, ReadOnlySpan<byte> context, IReadOnlyList<SecretBytes> destinations, int offset, RandomSource random)
    {
        while (true)
        {
            using TwoLevelPolynomials<Scalar> polynomials = TwoLevelPolynomials<Scalar>.Draw(share.Scalar, shape, () => Scalar.Random(random));
            if (GroupSharing.AnyZero(polynomials, shape))
            {
                continue;
            }

            GroupCommitments commitments = GroupCommitments.To(polynomials, shape, epoch);
            CommitmentTwins twins = CommitmentTwins.Create(polynomials, commitments, context, random);
            int seat = 0;
            for (int g = 1; g <= shape.Groups.Count; g++)
            {
                for (int i = 1; i <= shape.Groups[g - 1].Members; i++, seat++)
                {
                    polynomials.Share(g, i).WriteBytes(destinations[seat].Reveal().Slice(offset, Scalar.Length));
                }
            }

            return (commitments, twins);
        }
    }

    /// <summary>A new share of one document from what each dealer sent: one 32-byte number per dealer, in the order of the weights.</summary>
    /// <exception cref="PhrDataException">A number is not a scalar, or the result is zero.</exception>
    public static SecretKey Combine(string stage, ReadOnlySpan<Scalar> weights, IReadOnlyList<EnvelopeContent> contents, int offset)
    {
        Scalar[] values = GC.AllocateArray<Scalar>(weights.Length, pinned: true);
        try
        {
            for (int d = 0; d < values.Length; d++)
            {
                if (!Scalar.TryFromBytes(contents[d].Bytes.Slice(offset, Scalar.Length), out values[d]))
                {
                    throw new PhrDataException(stage, PhrDataReason.InvalidScalar, "what a dealer sent is not a scalar.");
                }
            }

            Scalar sum = Lagrange.WeightedSum(weights, values);
            return sum.IsZero
                ? throw new PhrDataException(stage, PhrDataReason.InvalidScalar, "the combined share is zero.")
                : new SecretKey(sum);
        }
        finally
        {
            JointSharing.Wipe(values);
        }
    }
}
