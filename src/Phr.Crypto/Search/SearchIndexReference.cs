using Phr.Crypto.Search;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>What a bundle's header says of the bundle's search index: which one it is, and where its bytes are to be found.</summary>
/// <remarks>
/// With this and the recovery secret the patient makes search tokens; nothing else need be kept. Wire form: docs/bundle-format.md §4.1.
/// It shows to everyone with the header that there is an index, since when, and its size class. Immutable and thread safe.
/// </remarks>
public sealed class SearchIndexReference : IEquatable<SearchIndexReference>
{
    private readonly byte[] _salt;

    internal SearchIndexReference(long epoch, ReadOnlySpan<byte> salt, Cid cid, long length)
    {
        Epoch = epoch;
        _salt = salt.ToArray();
        Cid = cid;
        Length = length;
    }

    /// <summary>The index epoch: the number of the header with which this index came; a later index has a higher one.</summary>
    public long Epoch { get; }

    /// <summary>32 random bytes, drawn for this index, from which with the patient's secret its keys are derived.</summary>
    public ReadOnlyMemory<byte> Salt => _salt;

    /// <summary>The content id of the index's exact bytes, with the default layout.</summary>
    public Cid Cid { get; }

    /// <summary>How many bytes the index has; one of eleven lengths from 49,210 to 50,331,708, whatever is in it.</summary>
    public long Length { get; }

    /// <summary>Whether both name one index.</summary>
    /// <param name="other">Another reference, or null.</param>
    /// <returns>Whether every field is equal.</returns>
    public bool Equals(SearchIndexReference? other) =>
        other is not null && Epoch == other.Epoch && Cid == other.Cid && Length == other.Length && _salt.AsSpan().SequenceEqual(other._salt);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SearchIndexReference);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Epoch, Cid);

    /// <summary>Epoch and content id.</summary>
    /// <returns>A line for people.</returns>
    public override string ToString() => $"search index {Epoch} {Cid}";

    internal static SearchIndexReference Read(CanonicalCborReader reader)
    {
        reader.BeginArray(4);
        long epoch = (long)reader.UInt64(BundleHeader.MaxSequence);
        byte[] salt = reader.BytesExactly(SearchIndexForm.SaltLength);
        Cid cid = BundleDocument.ReadCid(reader);
        long length = (long)reader.UInt64(SearchIndexForm.MaxLength);
        if (!SearchIndexForm.IsLength(length))
        {
            throw reader.Fault(PhrDataReason.OutOfRange, "no search index has the length that it states.");
        }

        reader.EndArray();
        return new SearchIndexReference(epoch, salt, cid, length);
    }

    internal void Write(CanonicalCborWriter writer) =>
        writer.Array(4).UInt64((ulong)Epoch).Bytes(_salt).Bytes(Cid.ToBytes()).UInt64((ulong)Length).EndArray();
}
