namespace Phr.Crypto.Secp256k1;

/// <summary>y² = x³ + 7. Source: SEC 2, section 2.4.1.</summary>
internal readonly struct Secp256k1Curve : ICurve
{
    public static uint ThreeB => 21;
}
