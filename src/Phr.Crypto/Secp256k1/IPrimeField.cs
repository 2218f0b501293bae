namespace Phr.Crypto.Secp256k1;

/// <summary>What secret sharing needs of a field; a test puts the field of 13 elements behind the same code.</summary>
internal interface IPrimeField<TSelf>
    where TSelf : struct, IPrimeField<TSelf>
{
    static abstract TSelf Zero { get; }

    static abstract TSelf One { get; }

    static abstract TSelf FromUInt32(uint value);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    bool IsZero { get; }

    /// <summary>The multiplicative inverse; zero maps to zero.</summary>
    TSelf Invert();
}
