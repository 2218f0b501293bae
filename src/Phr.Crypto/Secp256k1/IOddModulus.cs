namespace Phr.Crypto.Secp256k1;

/// <summary>An odd modulus below 2^256 as four limbs, least significant first. A type per modulus lets the compiler fold its constants.</summary>
internal interface IOddModulus
{
    static abstract ulong M0 { get; }

    static abstract ulong M1 { get; }

    static abstract ulong M2 { get; }

    static abstract ulong M3 { get; }
}

/// <summary>n, the order of secp256k1's group (SEC 2, section 2.4.1).</summary>
internal readonly struct GroupOrder : IOddModulus
{
    public static ulong M0 => 0xBFD25E8CD0364141;

    public static ulong M1 => 0xBAAEDCE6AF48A03B;

    public static ulong M2 => 0xFFFFFFFFFFFFFFFE;

    public static ulong M3 => 0xFFFFFFFFFFFFFFFF;
}

/// <summary>p = 2^256 - 2^32 - 977, the prime of secp256k1's field (SEC 2, section 2.4.1).</summary>
internal readonly struct FieldPrime : IOddModulus
{
    public static ulong M0 => 0xFFFFFFFEFFFFFC2F;

    public static ulong M1 => 0xFFFFFFFFFFFFFFFF;

    public static ulong M2 => 0xFFFFFFFFFFFFFFFF;

    public static ulong M3 => 0xFFFFFFFFFFFFFFFF;
}
