using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using Phr.Crypto;

namespace Phr.Storage.Files;

/// <summary>
/// The file beside an object of several chunks: a header of 32 bytes, then the SHA-256 digest of every chunk, in order.
/// It is proved by computing the object's id from it, so it needs no protection of its own.
/// </summary>
/// <remarks>Header: "phrleaf1", chunk size (4), most links of a node (4), length of the object (8), zeros (8). Numbers are big-endian.</remarks>
internal sealed class LeafList : IDisposable
{
    public const int HeaderLength = 32;

    /// <summary>The most digests in memory at once: 1 MiB of them, for 8 GiB of content in the default layout.</summary>
    public const int MaxWindow = 32_768;

    private const int ReadLength = 65_536;
    private static ReadOnlySpan<byte> Magic => "phrleaf1"u8;

    private readonly SafeFileHandle _file;
    private readonly Cid _cid;
    private readonly UnixFsLayout _layout;

    private LeafList(SafeFileHandle file, Cid cid, UnixFsLayout layout, long length)
    {
        _file = file;
        _cid = cid;
        _layout = layout;
        Length = length;
    }

    /// <summary>Length of the object. To be believed after <see cref="ReadVerified"/>.</summary>
    public long Length { get; }

    public int ChunkSize => _layout.ChunkSize;

    public long Count => ((Length - 1) / ChunkSize) + 1;

    public static void WriteHeader(Span<byte> header, UnixFsLayout layout, long length)
    {
        header[..HeaderLength].Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header[8..], layout.ChunkSize);
        BinaryPrimitives.WriteInt32BigEndian(header[12..], layout.MaxLinks);
        BinaryPrimitives.WriteInt64BigEndian(header[16..], length);
    }

    /// <summary>Takes over <paramref name="file"/>, and closes it when the header is not one.</summary>
    public static LeafList Open(SafeFileHandle file, Cid cid)
    {
        try
        {
            Span<byte> header = stackalloc byte[HeaderLength];
            if (ReadFully(file, header, 0) < HeaderLength || !header.StartsWith(Magic) || header[24..].ContainsAnyExcept((byte)0))
            {
                throw Error.Damaged(cid, "its list of chunks cannot be read");
            }

            int chunkSize = BinaryPrimitives.ReadInt32BigEndian(header[8..]);
            int maxLinks = BinaryPrimitives.ReadInt32BigEndian(header[12..]);
            long length = BinaryPrimitives.ReadInt64BigEndian(header[16..]);
            long listed = (RandomAccess.GetLength(file) - HeaderLength) / Digest.Length;
            if (chunkSize is < 1 or > UnixFsLayout.MaxChunkSize || maxLinks is < 2 or > UnixFsLayout.LargestMaxLinks
                || length <= chunkSize || (length - 1) / chunkSize != listed - 1)
            {
                throw Error.Damaged(cid, "its list of chunks is not complete");
            }

            return new LeafList(file, cid, new UnixFsLayout { ChunkSize = chunkSize, MaxLinks = maxLinks }, length);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads the whole list once, proves it against the id, and gives the digests of a part of it.</summary>
    /// <param name="first">The first chunk wanted.</param>
    /// <param name="count">How many: 0 to <see cref="MaxWindow"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public Digest[] ReadVerified(long first, int count, CancellationToken cancellationToken)
    {
        var window = new Digest[count];
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ReadLength);
        using var hasher = new UnixFsHasher(_layout);
        try
        {
            for (long index = 0; index < Count;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(ReadLength, (Count - index) * Digest.Length));
                if (ReadFully(_file, piece, HeaderLength + (index * Digest.Length)) < piece.Length)
                {
                    throw Error.Damaged(_cid, "its list of chunks is not complete");
                }

                for (; !piece.IsEmpty; piece = piece[Digest.Length..], index++)
                {
                    Digest digest = Digest.FromBytes(piece[..Digest.Length]);
                    hasher.AppendChunk(digest, (int)Math.Min(ChunkSize, Length - (index * ChunkSize)));
                    if (index >= first && index - first < count)
                    {
                        window[index - first] = digest;
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return hasher.Complete() == _cid ? window : throw Error.Damaged(_cid, "its list of chunks is not the one that the id stands for");
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Reads until <paramref name="destination"/> is full or the file ends.</summary>
    public static int ReadFully(SafeFileHandle file, Span<byte> destination, long offset)
    {
        int filled = 0;
        for (int count; filled < destination.Length && (count = RandomAccess.Read(file, destination[filled..], offset + filled)) > 0;)
        {
            filled += count;
        }

        return filled;
    }
}
