using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Ethereum.Tests;

/// <summary>Random types and values of them, the same for the same seed.</summary>
internal sealed class RandomAbi(int seed)
{
    private readonly Random _random = new(seed);

    public AbiType Tuple(int maxCount)
    {
        var components = new AbiType[1 + _random.Next(maxCount)];
        for (int i = 0; i < components.Length; i++)
        {
            components[i] = Type(depth: 3);
        }

        return AbiType.Tuple(components);
    }

    public AbiType Type(int depth)
    {
        int choice = _random.Next(depth > 0 ? 11 : 8);
        string name = choice switch
        {
            0 => "uint" + (8 * (1 + _random.Next(32))),
            1 => "int" + (8 * (1 + _random.Next(32))),
            2 => "bool",
            3 => "address",
            4 => "bytes" + (1 + _random.Next(32)),
            5 => "bytes",
            6 => "string",
            7 => "uint256",
            8 => Type(depth - 1) + "[]",
            9 => Type(depth - 1) + "[" + (1 + _random.Next(3)) + "]",
            _ => "(" + string.Join(',', Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Type(depth - 1).Name)) + ")",
        };
        return AbiType.Parse(name);
    }

    public AbiValue Value(AbiType type) => type.Kind switch
    {
        AbiKind.UInt => AbiValue.Of(Number(type.Size)),
        AbiKind.Int => AbiValue.Of(Number(type.Size) - (BigInteger.One << (type.Size - 1))),
        AbiKind.Bool => AbiValue.Of(_random.Next(2) == 1),
        AbiKind.Address => AbiValue.Of(ActorId.FromBytes(Bytes(20))),
        AbiKind.FixedBytes => AbiValue.Of(Bytes(type.Size)),
        AbiKind.Bytes => AbiValue.Of(Bytes(_random.Next(3) * 16 + _random.Next(70))),
        AbiKind.Text => AbiValue.Of(Text()),
        AbiKind.Tuple => AbiValue.List([.. type.Components.Select(Value)]),
        AbiKind.FixedArray => AbiValue.List([.. Enumerable.Range(0, type.Size).Select(_ => Value(type.Element!))]),
        _ => AbiValue.List([.. Enumerable.Range(0, _random.Next(4)).Select(_ => Value(type.Element!))]),
    };

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Any number of so many bits, the edges more often than others.</summary>
    public BigInteger Number(int bits) => _random.Next(6) switch
    {
        0 => BigInteger.Zero,
        1 => BigInteger.One,
        2 => (BigInteger.One << bits) - 1,
        3 => BigInteger.One << (bits - 1),
        4 => new BigInteger(Bytes(bits / 8), isUnsigned: true, isBigEndian: true),
        _ => new BigInteger(Bytes(1 + _random.Next(bits / 8)), isUnsigned: true, isBigEndian: true),
    };

    public int Below(int bound) => _random.Next(bound);

    /// <summary>A value as JSON that ethers understands: numbers in decimal, bytes in hexadecimal.</summary>
    public static JsonNode Json(AbiType type, AbiValue value) => type.Kind switch
    {
        AbiKind.UInt or AbiKind.Int => JsonValue.Create(value.Number.ToString(CultureInfo.InvariantCulture)),
        AbiKind.Bool => JsonValue.Create(value.Boolean),
        AbiKind.Address => JsonValue.Create("0x" + value.Address),
        AbiKind.FixedBytes or AbiKind.Bytes => JsonValue.Create(Hex.Of(value.Bytes.Span)),
        AbiKind.Text => JsonValue.Create(value.Text),
        AbiKind.Tuple => new JsonArray([.. type.Components.Select((c, i) => Json(c, value[i]))]),
        _ => new JsonArray([.. value.Items.Select(v => Json(type.Element!, v))]),
    };

    private string Text()
    {
        string[] letters = ["a", "Z", "7", " ", "é", "ß", "漢", "𝄞", "\u0001", "\"", "\\", "\u200d"];
        var text = new StringBuilder();
        for (int i = _random.Next(40); i > 0; i--)
        {
            text.Append(letters[_random.Next(letters.Length)]);
        }

        return text.ToString();
    }
}
