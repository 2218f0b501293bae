using System.Security.Cryptography;

namespace Phr.Samples.Portal;

/// <summary>One opened document, in memory.</summary>
public sealed class MemoryFile
{
    private readonly byte[] _bytes;

    internal MemoryFile(DocumentId id, DocumentInfo info, ArraySegment<byte> bytes)
    {
        Id = id;
        Info = info;
        _bytes = bytes.Array!;
        Length = bytes.Count;
    }

    public DocumentId Id { get; }

    /// <summary>Title and media type, as the patient sealed them.</summary>
    public DocumentInfo Info { get; }

    public int Length { get; }

    /// <summary>The bytes, until the destination is disposed.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, Length);

    /// <summary>Reads the bytes from the beginning, without a copy of them.</summary>
    public Stream OpenRead() => new MemoryStream(_bytes, 0, Length, writable: false);

    internal void Wipe() => CryptographicOperations.ZeroMemory(_bytes);
}
