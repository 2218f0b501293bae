using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Phr.Crypto;

/// <summary>Names a person, organisation or oracle on a ledger: the Ethereum address of the ledger key it first registered with.</summary>
/// <remarks>Immutable and thread safe. The default value is all zero bytes. Text form: 40 lower-case hexadecimal digits.</remarks>
public readonly struct ActorId : IEquatable<ActorId>, IComparable<ActorId>
{
    /// <summary>Length in bytes: 20.</summary>
    public const int Length = 20;

    private readonly Buffer _bytes;

    private ActorId(ReadOnlySpan<byte> bytes) => bytes.CopyTo(_bytes);

    /// <summary>Whether every byte is zero, as in the default value.</summary>
    public bool IsZero => !((ReadOnlySpan<byte>)_bytes).ContainsAnyExcept((byte)0);

    /// <summary>Reads the bytes of an id.</summary>
    /// <param name="bytes">Exactly 20 bytes.</param>
    /// <returns>The id.</returns>
    /// <exception cref="PhrDataException">The length is not 20.</exception>
    public static ActorId FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out ActorId id)
            ? id
            : throw new PhrDataException("actor id", PhrDataReason.WrongLength, $"{bytes.Length} bytes were given where 20 are needed.");

    /// <summary>Reads the bytes of an id, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="id">The id, or the default value.</param>
    /// <returns>Whether the length was 20.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out ActorId id)
    {
        id = bytes.Length == Length ? new ActorId(bytes) : default;
        return bytes.Length == Length;
    }

    /// <summary>Reads the hexadecimal text form, upper or lower case, with or without <c>0x</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">The id, or the default value.</param>
    /// <returns>Whether the text was an id.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out ActorId id)
    {
        id = default;
        if (text is null)
        {
            return false;
        }

        ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.Ordinal) ? text.AsSpan(2) : text;
        Span<byte> bytes = stackalloc byte[Length];
        return digits.Length == Length * 2
            && Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            && TryFromBytes(bytes, out id);
    }

    /// <summary>Reads the hexadecimal text form.</summary>
    /// <param name="text">40 hexadecimal digits, with or without <c>0x</c>.</param>
    /// <returns>The id.</returns>
    /// <exception cref="FormatException">The text is not an id.</exception>
    public static ActorId Parse(string text) =>
        TryParse(text, out ActorId id) ? id : throw new FormatException("A actor id is written as 40 hexadecimal digits.");

    /// <summary>The Ethereum address of a key: the last 20 bytes of the Keccak-256 digest of its coordinates.</summary>
    /// <param name="ledgerKey">A public key.</param>
    /// <returns>The id under which an actor that registers with this key is known.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="ledgerKey"/> is null.</exception>
    public static ActorId FromPublicKey(PublicKey ledgerKey)
    {
        ArgumentNullException.ThrowIfNull(ledgerKey);
        Span<byte> coordinates = stackalloc byte[64];
        ledgerKey.Point.WriteCoordinates(coordinates);
        Span<byte> digest = stackalloc byte[Keccak256.DigestLength];
        Keccak256.HashData(coordinates, digest);
        return new ActorId(digest[12..]);
    }

    /// <summary>Copies the bytes out.</summary>
    /// <returns>A new array of 20 bytes.</returns>
    public byte[] ToBytes() => ((ReadOnlySpan<byte>)_bytes).ToArray();

    /// <summary>Writes the bytes to the start of <paramref name="destination"/>.</summary>
    /// <param name="destination">At least 20 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void CopyTo(Span<byte> destination) => ((ReadOnlySpan<byte>)_bytes).CopyTo(destination);

    /// <inheritdoc/>
    public bool Equals(ActorId other) => ((ReadOnlySpan<byte>)_bytes).SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ActorId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    /// <remarks>Orders by the bytes, as unsigned numbers from the first to the last.</remarks>
    public int CompareTo(ActorId other) => ((ReadOnlySpan<byte>)_bytes).SequenceCompareTo(other._bytes);

    /// <summary>Writes the hexadecimal text form.</summary>
    /// <returns>40 lower-case digits.</returns>
    public override string ToString() => Convert.ToHexStringLower(_bytes);

    /// <summary>Compares for equality.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other id.</param>
    /// <returns>Whether all bytes are equal.</returns>
    public static bool operator ==(ActorId left, ActorId right) => left.Equals(right);

    /// <summary>Compares for inequality.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other id.</param>
    /// <returns>Whether any byte differs.</returns>
    public static bool operator !=(ActorId left, ActorId right) => !left.Equals(right);

    [InlineArray(Length)]
    private struct Buffer
    {
        private byte _first;
    }
}
