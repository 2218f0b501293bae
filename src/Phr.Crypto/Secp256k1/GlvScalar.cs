using System.Diagnostics;

namespace Phr.Crypto.Secp256k1;

/// <summary>A scalar as k = ±k1 ± k2·λ with k1 and k2 below 2^128, where λ(x, y) = (βx, y): multiplication takes half the doublings.</summary>
/// <remarks>Source: Gallant, Lambert, Vanstone, "Faster point multiplication on elliptic curves with efficient endomorphisms" (2001).</remarks>
[DebuggerDisplay("GlvScalar")]
internal readonly struct GlvScalar
{
    public GlvScalar(UInt128 first, ulong firstNegative, UInt128 second, ulong secondNegative) =>
        (First, FirstNegative, Second, SecondNegative) = (first, firstNegative, second, secondNegative);

    public UInt128 First { get; }

    /// <summary>All ones when the first half counts negatively, else zero.</summary>
    public ulong FirstNegative { get; }

    public UInt128 Second { get; }

    /// <summary>All ones when the second half counts negatively, else zero.</summary>
    public ulong SecondNegative { get; }

    /// <summary>Splits a scalar, in a time that does not depend on it.</summary>
    public static GlvScalar Split(in Scalar k)
    {
        Scalar.SplitGlv(k, out Scalar first, out Scalar second, out ulong firstNegative, out ulong secondNegative);
        return new GlvScalar(new UInt128(first.GetLimb(1), first.GetLimb(0)), firstNegative, new UInt128(second.GetLimb(1), second.GetLimb(0)), secondNegative);
    }

    public override string ToString() => nameof(GlvScalar);
}
