using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Sharing;

/// <summary>The field of 13 elements, small enough to try every polynomial.</summary>
internal readonly record struct F13(byte Value) : IPrimeField<F13>
{
    public const int Order = 13;

    public static F13 Zero => default;

    public static F13 One => new(1);

    public static IEnumerable<F13> All => Enumerable.Range(0, Order).Select(static v => new F13((byte)v));

    public bool IsZero => Value == 0;

    public static F13 FromUInt32(uint value) => new((byte)(value % Order));

    public static F13 operator +(F13 left, F13 right) => new((byte)((left.Value + right.Value) % Order));

    public static F13 operator -(F13 left, F13 right) => new((byte)((left.Value + Order - right.Value) % Order));

    public static F13 operator *(F13 left, F13 right) => new((byte)(left.Value * right.Value % Order));

    public F13 Invert()
    {
        F13 value = this;
        return value.IsZero ? value : All.Single(x => (x * value) == One);
    }
}
