namespace Phr.Crypto;

/// <summary>What an oracle's signed delivery is shown to break. The numbers are in evidence and never change.</summary>
public enum DeliveryCheck
{
    /// <summary>One of a fragment's seven points is not the encoding of a point.</summary>
    Point = 1,

    /// <summary>The proof's scalar is not below the group's order, or the x coordinate of E1, V1 or U1 is not.</summary>
    Scalar = 2,

    /// <summary>z·E is not E2 + h·E1.</summary>
    EquationE = 3,

    /// <summary>z·V is not V2 + h·V1.</summary>
    EquationV = 4,

    /// <summary>z·u is not U2 + h·U1.</summary>
    EquationU = 5,

    /// <summary>The fragment is not under the signature of the trustee for whose place it is delivered, for this share and this receiving key.</summary>
    Signature = 6,

    /// <summary>A fragment is delivered for a place that the dealing does not have.</summary>
    Place = 7,

    /// <summary>The delivery names other terms, the evidence root or the receiving key, than its request has.</summary>
    Terms = 8,

    /// <summary>There are two different signed deliveries for one job; shown by the two signatures, without evidence of this form.</summary>
    Equivocation = 9,
}
