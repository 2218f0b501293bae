using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A quantity of at most 64 bits: <c>0x</c> and hexadecimal digits. Source: Ethereum JSON-RPC, "Hex value encoding".</summary>
internal sealed class UInt64Converter : JsonConverter<ulong>
{
    public override ulong Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        QuantityConverter.Read(ref reader) is var number && number <= ulong.MaxValue ? (ulong)number : throw new JsonException("A quantity has more than 64 bits.");

    public override void Write(Utf8JsonWriter writer, ulong value, JsonSerializerOptions options) => writer.WriteStringValue(QuantityConverter.Text(value));
}

/// <summary>A quantity of at most 256 bits.</summary>
internal sealed class QuantityConverter : JsonConverter<BigInteger>
{
    private const int MaxDigits = 64;

    public static string Text(BigInteger value)
    {
        string digits = value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
        return "0x" + (digits.Length == 0 ? "0" : digits);
    }

    public override BigInteger Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Read(ref reader);

    public override void Write(Utf8JsonWriter writer, BigInteger value, JsonSerializerOptions options) => writer.WriteStringValue(Text(value));

    internal static BigInteger Read(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && TryRead(reader.GetString(), out BigInteger value) ? value : throw new JsonException("Not a quantity.");

    internal static bool TryRead(string? text, out BigInteger value)
    {
        value = default;
        return text is { Length: > 2 and <= MaxDigits + 2 } && text.StartsWith("0x", StringComparison.Ordinal)
            && BigInteger.TryParse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}

/// <summary>Bytes: <c>0x</c> and two digits each.</summary>
internal sealed class BytesConverter : JsonConverter<AbiBytes>
{
    public override AbiBytes Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(Read(ref reader));

    public override void Write(Utf8JsonWriter writer, AbiBytes value, JsonSerializerOptions options) => writer.WriteStringValue(Hex.Of(value.Span));

    internal static byte[] Read(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && Hex.TryRead(reader.GetString(), out byte[]? bytes) ? bytes : throw new JsonException("Not bytes in hexadecimal.");
}

/// <summary>32 bytes.</summary>
internal sealed class DigestConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Digest.TryFromBytes(BytesConverter.Read(ref reader), out Digest digest) ? digest : throw new JsonException("Not 32 bytes.");

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) => writer.WriteStringValue("0x" + value);
}

/// <summary>An address: 20 bytes.</summary>
internal sealed class AddressConverter : JsonConverter<ActorId>
{
    public override ActorId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ActorId.TryFromBytes(BytesConverter.Read(ref reader), out ActorId address) ? address : throw new JsonException("Not 20 bytes.");

    public override void Write(Utf8JsonWriter writer, ActorId value, JsonSerializerOptions options) => writer.WriteStringValue("0x" + value);
}
