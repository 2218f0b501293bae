using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Phr.Crypto;

/// <summary>A SHA-256 digest of bytes that nobody can guess, or a salted commitment.</summary>
/// <remarks>Immutable and thread safe. The default value is all zero bytes. Text form: 64 lower-case hexadecimal digits.</remarks>
public readonly struct Digest : IEquatable<Digest>, IComparable<Digest>
{
    /// <summary>Length in bytes: 32.</summary>
    public const int Length = 32;

    private readonly Buffer _bytes;

    private Digest(ReadOnlySpan<byte> bytes) => bytes.CopyTo(_bytes);

    /// <summary>Whether every byte is zero, as in the default value.</summary>
    public bool IsZero => !((ReadOnlySpan<byte>)_bytes).ContainsAnyExcept((byte)0);

    /// <summary>Reads the bytes of an id.</summary>
    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <returns>The id.</returns>
    /// <exception cref="PhrDataException">The length is not 32.</exception>
    public static Digest FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out Digest id)
            ? id
            : throw new PhrDataException("digest", PhrDataReason.WrongLength, $"{bytes.Length} bytes were given where 32 are needed.");

    /// <summary>Reads the bytes of an id, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="id">The id, or the default value.</param>
    /// <returns>Whether the length was 32.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out Digest id)
    {
        id = bytes.Length == Length ? new Digest(bytes) : default;
        return bytes.Length == Length;
    }

    /// <summary>Reads the hexadecimal text form, upper or lower case, with or without <c>0x</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">The id, or the default value.</param>
    /// <returns>Whether the text was an id.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest id)
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
    /// <param name="text">64 hexadecimal digits, with or without <c>0x</c>.</param>
    /// <returns>The id.</returns>
    /// <exception cref="FormatException">The text is not an id.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out Digest id) ? id : throw new FormatException("A digest is written as 64 hexadecimal digits.");

    /// <summary>Hashes <paramref name="data"/> with SHA-256.</summary>
    /// <param name="data">Bytes of any length.</param>
    /// <returns>The digest.</returns>
    public static Digest Of(ReadOnlySpan<byte> data)
    {
        Span<byte> bytes = stackalloc byte[Length];
        SHA256.HashData(data, bytes);
        return new Digest(bytes);
    }

    /// <summary>Draws 32 random bytes from the system generator: a salt or a nonce.</summary>
    /// <returns>The bytes.</returns>
    public static Digest Random()
    {
        Span<byte> bytes = stackalloc byte[Length];
        RandomNumberGenerator.Fill(bytes);
        return new Digest(bytes);
    }

    /// <summary>Copies the bytes out.</summary>
    /// <returns>A new array of 32 bytes.</returns>
    public byte[] ToBytes() => ((ReadOnlySpan<byte>)_bytes).ToArray();

    /// <summary>Writes the bytes to the start of <paramref name="destination"/>.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void CopyTo(Span<byte> destination) => ((ReadOnlySpan<byte>)_bytes).CopyTo(destination);

    /// <inheritdoc/>
    public bool Equals(Digest other) => ((ReadOnlySpan<byte>)_bytes).SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Digest other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    /// <remarks>Orders by the bytes, as unsigned numbers from the first to the last.</remarks>
    public int CompareTo(Digest other) => ((ReadOnlySpan<byte>)_bytes).SequenceCompareTo(other._bytes);

    /// <summary>Writes the hexadecimal text form.</summary>
    /// <returns>64 lower-case digits.</returns>
    public override string ToString() => Convert.ToHexStringLower(_bytes);

    /// <summary>Compares for equality.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other id.</param>
    /// <returns>Whether all bytes are equal.</returns>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>Compares for inequality.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other id.</param>
    /// <returns>Whether any byte differs.</returns>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    [InlineArray(Length)]
    private struct Buffer
    {
        private byte _first;
    }
}
