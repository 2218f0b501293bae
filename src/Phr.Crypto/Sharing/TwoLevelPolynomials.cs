using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Sharing;

/// <summary>
/// The polynomials of a two-level sharing: F of the groups with F(0) = secret, and for each group g its own f_g with
/// f_g(0) = F(g). Member i of group g holds f_g(i).
/// </summary>
internal sealed class TwoLevelPolynomials<TField> : IDisposable
    where TField : unmanaged, IPrimeField<TField>
{
    private readonly Polynomial<TField>[] _members;

    private TwoLevelPolynomials(Polynomial<TField> groups, Polynomial<TField>[] members) => (Groups, _members) = (groups, members);

    /// <summary>F.</summary>
    public Polynomial<TField> Groups { get; }

    /// <summary>Draws F's coefficients first, then those of groups 1, 2, …</summary>
    public static TwoLevelPolynomials<TField> Draw(TField secret, SharingShape shape, Func<TField> coefficients)
    {
        Polynomial<TField> groups = Polynomial<TField>.Draw(secret, shape.GroupThreshold, coefficients);
        var members = new Polynomial<TField>[shape.Groups.Count];
        for (int g = 1; g <= members.Length; g++)
        {
            members[g - 1] = Polynomial<TField>.Draw(groups.At(g), shape.Groups[g - 1].Threshold, coefficients);
        }

        return new TwoLevelPolynomials<TField>(groups, members);
    }

    /// <summary>f_g; groups count from 1.</summary>
    public Polynomial<TField> Members(int group) => _members[group - 1];

    public TField Share(int group, int member) => Members(group).At(member);

    public void Dispose()
    {
        Groups.Dispose();
        foreach (Polynomial<TField> polynomial in _members)
        {
            polynomial.Dispose();
        }
    }
}
