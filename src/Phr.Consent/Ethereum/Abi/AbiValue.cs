using System.Numerics;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A value of an ABI type: a number, a boolean, an address, bytes, a text, or a list of values (a tuple or an array).</summary>
/// <remarks>
/// Which of these it is, is decided when it is made; asking for another is a mistake of the program and throws <see cref="InvalidOperationException"/>. What was decoded fits its type, so the readers below cannot fail
/// when they are called as the type says. Immutable; compares by content.
/// </remarks>
internal sealed class AbiValue : IEquatable<AbiValue>
{
    private readonly object _value;

    private AbiValue(object value) => _value = value;

    public BigInteger Number => Get<BigInteger>();

    public bool Boolean => Get<bool>();

    public ActorId Address => Get<ActorId>();

    public AbiBytes Bytes => Get<AbiBytes>();

    /// <summary>A <c>bytes32</c>.</summary>
    public Digest Bytes32 => Digest.FromBytes(Get<AbiBytes>().Span);

    public string Text => Get<string>();

    public AbiArray<AbiValue> Items => Get<AbiArray<AbiValue>>();

    public AbiValue this[int index] => Items[index];

    public static AbiValue Of(BigInteger number) => new(number);

    public static AbiValue Of(ulong number) => new((BigInteger)number);

    public static AbiValue Of(long number) => new((BigInteger)number);

    public static AbiValue Of(bool value) => new(value);

    public static AbiValue Of(ActorId address) => new(address);

    public static AbiValue Of(Digest bytes32) => new(new AbiBytes(bytes32.ToBytes()));

    public static AbiValue Of(AbiBytes bytes) => new(bytes);

    public static AbiValue Of(ReadOnlySpan<byte> bytes) => new(new AbiBytes(bytes));

    public static AbiValue Of(string text) => new(text ?? throw new ArgumentNullException(nameof(text)));

    /// <summary>A tuple or an array.</summary>
    public static AbiValue List(params ReadOnlySpan<AbiValue> items) => new(AbiArray.Create(items));

    public static AbiValue List<T>(IEnumerable<T> items, Func<T, AbiValue> convert) => List([.. items.Select(convert)]);

    public AbiArray<T> ToArray<T>(Func<AbiValue, T> convert) => [.. Items.Select(convert)];

    public byte UInt8() => (byte)Number;

    public ushort UInt16() => (ushort)Number;

    public uint UInt32() => (uint)Number;

    public ulong UInt64() => (ulong)Number;

    public sbyte Int8() => (sbyte)Number;

    public short Int16() => (short)Number;

    public int Int32() => (int)Number;

    public long Int64() => (long)Number;

    public bool Equals(AbiValue? other) => other is not null && _value.Equals(other._value);

    public override bool Equals(object? obj) => Equals(obj as AbiValue);

    public override int GetHashCode() => _value.GetHashCode();

    public override string ToString() => _value switch
    {
        string text => $"\"{text}\"",
        ActorId address => "0x" + address,
        AbiArray<AbiValue> items => "(" + string.Join(", ", items) + ")",
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{_value}"),
    };

    private T Get<T>() => _value is T value ? value : throw new InvalidOperationException($"A {_value.GetType().Name} is no {typeof(T).Name}.");
}
