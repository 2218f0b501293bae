using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Phr.Consent.Ethereum;

/// <summary>Bytes that compare by content, as <c>bytes</c> and <c>bytesN</c> need it in records.</summary>
/// <remarks>Immutable. The default value is empty.</remarks>
[JsonConverter(typeof(BytesConverter))]
internal readonly struct AbiBytes : IEquatable<AbiBytes>
{
    private readonly byte[]? _bytes;

    public AbiBytes(ReadOnlySpan<byte> bytes) => _bytes = bytes.ToArray();

    public int Length => _bytes?.Length ?? 0;

    public ReadOnlySpan<byte> Span => _bytes;

    public ReadOnlyMemory<byte> Memory => _bytes;

    public byte[] ToArray() => Span.ToArray();

    public bool Equals(AbiBytes other) => Span.SequenceEqual(other.Span);

    public override bool Equals([NotNullWhen(true)] object? obj) => obj is AbiBytes other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    public override string ToString() => Hex.Of(Span);

    public static bool operator ==(AbiBytes left, AbiBytes right) => left.Equals(right);

    public static bool operator !=(AbiBytes left, AbiBytes right) => !left.Equals(right);
}
