using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Phr.Crypto.Secp256k1;

/// <summary>A point as (x, y), both normalised, or the identity, for which both are zero: (0, 0) lies on no curve with b ≠ 0.</summary>
[DebuggerDisplay("AffinePoint")]
internal struct AffinePoint
{
    public FieldElement X;
    public FieldElement Y;

    public AffinePoint(in FieldElement x, in FieldElement y)
    {
        X = x;
        Y = y;
    }

    /// <summary>All ones for the identity, else zero.</summary>
    public readonly ulong IdentityMask => FieldElement.IsZeroMask(X) & FieldElement.IsZeroMask(Y);

    public readonly bool IsIdentity => IdentityMask != 0;

    /// <summary>-P, normalised.</summary>
    public static void Negate(in AffinePoint p, out AffinePoint negative)
    {
        negative.X = p.X;
        FieldElement.Negate(p.Y, 1, out negative.Y);
        FieldElement.Normalize(negative.Y, out negative.Y);
    }

    public static bool Equal(in AffinePoint p, in AffinePoint q) =>
        FieldElement.EqualsNormalized(p.X, q.X) & FieldElement.EqualsNormalized(p.Y, q.Y);

    public override readonly string ToString() => nameof(AffinePoint);
}
