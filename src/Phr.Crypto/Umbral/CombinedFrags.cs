using System.Diagnostics;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>
/// Capsule fragments interpolated by the receiver: E' = Σλ·E1 = (a/d)E and V' = Σλ·V1 = (a/d)V if they were enough and right.
/// The scalar d is a secret of delegator and receiver: keep the value on the stack.
/// </summary>
[DebuggerDisplay("CombinedFrags")]
internal readonly struct CombinedFrags(Scalar d, Point e, Point v)
{
    public Scalar D { get; } = d;

    public Point E { get; } = e;

    public Point V { get; } = v;

    /// <summary>d(E' + V') = a(E + V): what the delegator computes with a. The identity only if the fragments were made to cheat.</summary>
    public Point SharedPoint => (E + V) * D;

    /// <summary>
    /// (s/d)·A = h·E' + V'. Fails for too few fragments, another receiving or delegating key, or one wrong fragment. By itself it proves nothing:
    /// for a chosen X and E' there is a V' that fits, so the fragments must have been verified.
    /// </summary>
    public bool ClosingEquationHolds(PublicKey delegating, Capsule capsule) =>
        delegating.Point * (capsule.S * D.Invert()) == (E * capsule.Challenge) + V;

    public override string ToString() => nameof(CombinedFrags);
}
