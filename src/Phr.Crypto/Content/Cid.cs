using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Content;
using SimpleBase;

namespace Phr.Crypto;

/// <summary>
/// A content id, as IPFS uses it: the SHA-256 digest of a block together with how the block is to be read.
/// Whoever has the id can check the bytes, whoever gave them.
/// </summary>
/// <remarks>
/// <para>Source: the multiformats CID specification. Versions 0 and 1; SHA-256 is the only multihash that is read.</para>
/// <para>Text form: version 1 is base32 in lower case behind the letter <c>b</c>, version 0 is base58btc (<c>Qm…</c>).</para>
/// <para>Immutable and thread safe. The default value is the version 0 id of an all-zero digest; nobody can have its content.</para>
/// </remarks>
public readonly struct Cid : IEquatable<Cid>, IComparable<Cid>
{
    /// <summary>The longest binary form that is read or written, in bytes: version, codec of nine bytes, multihash.</summary>
    public const int MaxByteLength = 1 + Varint.MaxLength + MultihashLength;

    /// <summary>The longest text form that is read, in characters.</summary>
    public const int MaxTextLength = 80;

    private const string Stage = "content id";
    private const int MultihashLength = 2 + Digest.Length;
    private const byte Sha256Code = 0x12;

    private readonly Digest _digest;
    private readonly ContentCodec _codec;
    private readonly bool _isVersion1;

    private Cid(bool isVersion1, ContentCodec codec, Digest digest)
    {
        _isVersion1 = isVersion1;
        _codec = isVersion1 ? codec : default;
        _digest = digest;
    }

    /// <summary>The version of the id: 0 or 1.</summary>
    public int Version => _isVersion1 ? 1 : 0;

    /// <summary>How the block is to be read. Version 0 is always <see cref="ContentCodec.DagPb"/>.</summary>
    public ContentCodec Codec => _isVersion1 ? _codec : ContentCodec.DagPb;

    /// <summary>The SHA-256 digest of the block. For a single-block object this is the digest that a ledger holds.</summary>
    public Digest Digest => _digest;

    /// <summary>Whether this library can read the block: <see cref="ContentCodec.Raw"/> or <see cref="ContentCodec.DagPb"/>.</summary>
    public bool IsSupported => Codec is ContentCodec.Raw or ContentCodec.DagPb;

    /// <summary>Whether this is the default value, or another id of the all-zero digest, which names nothing.</summary>
    public bool IsZero => _digest.IsZero;

    /// <summary>Length of the binary form in bytes: 34 for version 0, 36 for version 1 with the codecs of <see cref="ContentCodec"/>.</summary>
    public int ByteLength => _isVersion1 ? 1 + Varint.Length((ulong)_codec) + MultihashLength : MultihashLength;

    /// <summary>The version 1 id of a raw block: a bundle header, a dealing, a file of one chunk, a chunk.</summary>
    /// <param name="digest">SHA-256 of the block's bytes.</param>
    /// <returns>The id.</returns>
    public static Cid ForRawBlock(Digest digest) => new(true, ContentCodec.Raw, digest);

    /// <summary>The version 1 id of a MerkleDAG node.</summary>
    /// <param name="digest">SHA-256 of the node's bytes.</param>
    /// <returns>The id.</returns>
    public static Cid ForDagPbNode(Digest digest) => new(true, ContentCodec.DagPb, digest);

    /// <summary>The version 0 id of a MerkleDAG node.</summary>
    /// <param name="digest">SHA-256 of the node's bytes.</param>
    /// <returns>The id.</returns>
    public static Cid ForVersion0(Digest digest) => new(false, default, digest);

    /// <summary>Whether a block is the one this id names.</summary>
    /// <param name="block">The bytes of one block; not of a file of several blocks.</param>
    /// <returns>Whether the SHA-256 digest of <paramref name="block"/> is the one in the id.</returns>
    public bool Matches(ReadOnlySpan<byte> block) => Digest.Of(block) == _digest;

    /// <summary>Reads the binary form.</summary>
    /// <param name="bytes">34 bytes beginning <c>12 20</c> for version 0, or version 1, codec and multihash with shortest varints.</param>
    /// <returns>The id.</returns>
    /// <exception cref="PhrDataException">The bytes are not an id, not canonical, or use another hash than SHA-256.</exception>
    public static Cid FromBytes(ReadOnlySpan<byte> bytes)
    {
        PhrDataReason? fault = Read(bytes, out Cid cid);
        return fault is null ? cid : throw Fault(fault.Value);
    }

    /// <summary>Reads the binary form, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cid">The id, or the default value.</param>
    /// <returns>Whether the bytes were an id.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out Cid cid) => Read(bytes, out cid) is null;

    /// <summary>Reads a text form: <c>b…</c> (base32, lower case), <c>z…</c> (base58btc) or a version 0 id (<c>Qm…</c>).</summary>
    /// <param name="text">The text, without space around it.</param>
    /// <returns>The id.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    /// <exception cref="FormatException">The text is not an id.</exception>
    public static Cid Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out Cid cid) ? cid : throw new FormatException("A content id is written as b…, z… or Qm…, and names a SHA-256 digest.");
    }

    /// <summary>Reads a text form, without an exception.</summary>
    /// <param name="text">The text: see <see cref="Parse"/>.</param>
    /// <param name="cid">The id, or the default value.</param>
    /// <returns>Whether the text was an id in a form that an honest writer produces.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out Cid cid)
    {
        cid = default;
        if (text is not { Length: > 1 and <= MaxTextLength })
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[MaxTextLength];
        bool read = text[0] switch
        {
            'b' => IsOf(Base32.FileCoin.Alphabet, text.AsSpan(1))
                && Base32.FileCoin.TryDecode(text.AsSpan(1), bytes, out int length)
                && TryFromBytes(bytes[..length], out cid) && cid._isVersion1 && Base32Text(bytes[..length]) == text,
            'z' => IsOf(Base58.Bitcoin.Alphabet, text.AsSpan(1))
                && Base58.Bitcoin.TryDecode(text.AsSpan(1), bytes, out int length)
                && TryFromBytes(bytes[..length], out cid) && cid._isVersion1,
            'Q' => IsOf(Base58.Bitcoin.Alphabet, text)
                && Base58.Bitcoin.TryDecode(text, bytes, out int length)
                && TryFromBytes(bytes[..length], out cid) && !cid._isVersion1,
            _ => false,
        };
        if (!read)
        {
            cid = default;
        }

        return read;
    }

    /// <summary>Writes the binary form.</summary>
    /// <returns>A new array of <see cref="ByteLength"/> bytes.</returns>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[ByteLength];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Writes the binary form to the start of <paramref name="destination"/>.</summary>
    /// <param name="destination">At least <see cref="ByteLength"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < ByteLength)
        {
            throw new ArgumentException($"The destination has {destination.Length} bytes where {ByteLength} are needed.", nameof(destination));
        }

        if (_isVersion1)
        {
            destination[0] = 1;
            int codecLength = Varint.Write((ulong)_codec, destination[1..]);
            destination = destination[(1 + codecLength)..];
        }

        destination[0] = Sha256Code;
        destination[1] = Digest.Length;
        _digest.CopyTo(destination[2..]);
    }

    /// <inheritdoc/>
    public bool Equals(Cid other) => _isVersion1 == other._isVersion1 && _codec == other._codec && _digest == other._digest;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Cid other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_isVersion1, _codec, _digest);

    /// <inheritdoc/>
    /// <remarks>Orders by version, then codec, then digest.</remarks>
    public int CompareTo(Cid other)
    {
        int order = _isVersion1.CompareTo(other._isVersion1);
        order = order != 0 ? order : _codec.CompareTo(other._codec);
        return order != 0 ? order : _digest.CompareTo(other._digest);
    }

    /// <summary>Writes the text form: base32 behind <c>b</c> for version 1, base58btc for version 0.</summary>
    /// <returns>59 characters for version 1 with the codecs of <see cref="ContentCodec"/>, 46 for version 0.</returns>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[MaxByteLength];
        bytes = bytes[..ByteLength];
        CopyTo(bytes);
        return _isVersion1 ? Base32Text(bytes) : Base58.Bitcoin.Encode(bytes);
    }

    /// <summary>Compares for equality.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other id.</param>
    /// <returns>Whether version, codec and digest are equal.</returns>
    public static bool operator ==(Cid left, Cid right) => left.Equals(right);

    /// <summary>Compares for inequality.</summary>
    /// <param name="left">One id.</param>
    /// <param name="right">The other id.</param>
    /// <returns>Whether version, codec or digest differ.</returns>
    public static bool operator !=(Cid left, Cid right) => !left.Equals(right);

    private static string Base32Text(ReadOnlySpan<byte> bytes) => "b" + Base32.FileCoin.Encode(bytes, padding: false);

    private static bool IsOf(CodingAlphabet alphabet, ReadOnlySpan<char> text) => !text.ContainsAnyExcept(alphabet.Value);

    private static PhrDataReason? Read(ReadOnlySpan<byte> bytes, out Cid cid)
    {
        cid = default;
        if (bytes.Length == 0)
        {
            return PhrDataReason.Truncated;
        }

        if (bytes.Length > MaxByteLength)
        {
            return PhrDataReason.WrongLength;
        }

        if (bytes[0] == Sha256Code)
        {
            if (bytes.Length != MultihashLength || bytes[1] != Digest.Length)
            {
                return PhrDataReason.WrongLength;
            }

            cid = ForVersion0(Digest.FromBytes(bytes[2..]));
            return null;
        }

        Span<ulong> numbers = stackalloc ulong[4]; // version, codec, hash, digest length
        foreach (ref ulong number in numbers)
        {
            PhrDataReason? fault = Varint.Read(ref bytes, out number);
            if (fault is not null)
            {
                return fault;
            }
        }

        if (numbers[0] != 1 || numbers[2] != Sha256Code)
        {
            return PhrDataReason.UnknownVersion;
        }

        if (numbers[3] != Digest.Length || bytes.Length != Digest.Length)
        {
            return PhrDataReason.WrongLength;
        }

        cid = new Cid(true, (ContentCodec)numbers[1], Digest.FromBytes(bytes));
        return null;
    }

    private static PhrDataException Fault(PhrDataReason reason) => new(Stage, reason, reason switch
    {
        PhrDataReason.Truncated => "the bytes end before the id is complete.",
        PhrDataReason.NonCanonical => "a number is not written in its shortest form.",
        PhrDataReason.UnknownVersion => "only versions 0 and 1 with a SHA-256 digest can be read.",
        _ => "the length is not that of an id with a SHA-256 digest.",
    });
}
