using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Sharing;

/// <summary>
/// Interpolation at zero over two levels: the secret is Σ λ_g Σ λ_{g,i} a_{g,i}, and for points P_{g,i} = a_{g,i}·Q the
/// same sum of points is secret·Q.
/// </summary>
internal static class GroupLagrange
{
    /// <summary>
    /// The coefficients λ_g·λ_{g,i} of the members that are used, out of <paramref name="chosen"/>: the lowest-numbered
    /// T groups that are complete, and in each the lowest-numbered t_g members. Everybody who has the same set
    /// therefore uses the same members. The rest of the set is not needed and has no coefficient.
    /// </summary>
    /// <param name="shape">The thresholds.</param>
    /// <param name="chosen">Who contributed. Repeated pairs, and pairs outside the shape, do not count.</param>
    /// <returns>One entry per member used, by group and then by member.</returns>
    /// <exception cref="PhrDataException">The set does not meet the shape (<see cref="PhrDataReason.BelowThreshold"/>).</exception>
    public static (int Group, int Member, Scalar Coefficient)[] Coefficients(SharingShape shape, IEnumerable<(int Group, int Member)> chosen) =>
        Coefficients<Scalar>(shape, chosen);

    /// <inheritdoc cref="Coefficients(SharingShape, IEnumerable{ValueTuple{int, int}})"/>
    public static (int Group, int Member, TField Coefficient)[] Coefficients<TField>(SharingShape shape, IEnumerable<(int Group, int Member)> chosen)
        where TField : unmanaged, IPrimeField<TField>
    {
        IReadOnlyList<(int Group, int[] Members)> quorum = shape.SelectQuorum(chosen, out string shortfall)
            ?? throw new PhrDataException("sharing", PhrDataReason.BelowThreshold, shortfall);
        TField[] groupCoefficients = Lagrange.AtZero<TField>([.. quorum.Select(static g => TField.FromUInt32((uint)g.Group))]);
        var result = new List<(int, int, TField)>();
        for (int g = 0; g < quorum.Count; g++)
        {
            (int group, int[] members) = quorum[g];
            TField[] memberCoefficients = Lagrange.AtZero<TField>([.. members.Select(static m => TField.FromUInt32((uint)m))]);
            for (int i = 0; i < members.Length; i++)
            {
                result.Add((group, members[i], groupCoefficients[g] * memberCoefficients[i]));
            }
        }

        return [.. result];
    }
}
