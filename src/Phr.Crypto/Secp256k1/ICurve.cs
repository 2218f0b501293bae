namespace Phr.Crypto.Secp256k1;

/// <summary>
/// The one constant of a curve y² = x³ + b over this field that the formulas need. The curve is secp256k1 (b = 7); a test puts a
/// curve with a subgroup of 13 points behind the same code and tries everything.
/// </summary>
internal interface ICurve
{
    /// <summary>3b, at most 32.</summary>
    static abstract uint ThreeB { get; }
}
