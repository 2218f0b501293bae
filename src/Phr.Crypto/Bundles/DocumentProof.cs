using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Bundles;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>Shows that one document belongs to a header's documents root, without the header.</summary>
/// <remarks>
/// Wire form: docs/bundle-format.md §8. Source: RFC 6962 §2.1.1. Cost: at most 11 hashes. Immutable and thread safe.
/// </remarks>
public sealed class DocumentProof
{
    private const string Stage = "document proof";
    private const string Tag = "phr/document-proof/v1";
    private const int MaxPath = 10;
    private const int MaxLength = 1024;

    private readonly Digest[] _path;

    internal DocumentProof(DocumentId documentId, Digest capsuleDigest, Digest keyCommitment, int index, int count, Digest[] path)
    {
        DocumentId = documentId;
        CapsuleDigest = capsuleDigest;
        KeyCommitment = keyCommitment;
        Index = index;
        Count = count;
        _path = path;
    }

    /// <summary>The document.</summary>
    public DocumentId DocumentId { get; }

    /// <summary>SHA-256 of the 98 bytes of the document's capsule.</summary>
    public Digest CapsuleDigest { get; }

    /// <summary>The commitment to the document's keys, as in the header.</summary>
    public Digest KeyCommitment { get; }

    /// <summary>The document's place in the header, from 0.</summary>
    public int Index { get; }

    /// <summary>How many documents the header has, 1 to 1,024.</summary>
    public int Count { get; }

    /// <summary>The sibling hashes, from the leaf upward; at most 10.</summary>
    public IReadOnlyList<Digest> Path => _path;

    /// <summary>Reads a proof. Whether it proves anything, <see cref="Verify"/> says.</summary>
    /// <param name="bytes">The bytes that <see cref="ToBytes"/> wrote, at most 1,024.</param>
    /// <returns>The proof.</returns>
    /// <exception cref="PhrDataException">The bytes are not a proof in its one encoding (stage <c>document proof</c>).</exception>
    public static DocumentProof FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CanonicalCborReader(Stage, bytes, MaxLength);
        reader.BeginArray(7);
        reader.Expect(Tag);
        DocumentId documentId = reader.DocumentId();
        Digest capsuleDigest = reader.Digest(), keyCommitment = reader.Digest();
        int index = reader.Int32(BundleHeader.MaxDocuments - 1), count = reader.Int32(BundleHeader.MaxDocuments);
        if (index >= count)
        {
            throw reader.Fault(PhrDataReason.OutOfRange, "the index is not below the number of documents.");
        }

        var path = new Digest[reader.BeginList(MaxPath)];
        for (int i = 0; i < path.Length; i++)
        {
            path[i] = reader.Digest();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        return new DocumentProof(documentId, capsuleDigest, keyCommitment, index, count, path);
    }

    /// <summary>Reads a proof, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="proof">The proof, or null.</param>
    /// <returns>Whether the bytes were a proof in its one encoding.</returns>
    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out DocumentProof? proof)
    {
        try
        {
            proof = FromBytes(bytes);
        }
        catch (PhrDataException)
        {
            proof = null;
        }

        return proof is not null;
    }

    /// <summary>Writes the proof.</summary>
    /// <returns>Deterministic CBOR, at most 1,024 bytes.</returns>
    public byte[] ToBytes()
    {
        CanonicalCborWriter writer = new CanonicalCborWriter()
            .Array(7).Text(Tag).Id(DocumentId).Id(CapsuleDigest).Id(KeyCommitment).UInt64((ulong)Index).UInt64((ulong)Count).Array(_path.Length);
        foreach (Digest sibling in _path)
        {
            writer.Id(sibling);
        }

        return writer.EndArray().EndArray().ToBytes();
    }

    /// <summary>Checks the proof.</summary>
    /// <param name="documentsRoot">The root that a ledger or a signed header names.</param>
    /// <returns>Whether the document with this id, capsule and key commitment stands at <see cref="Index"/> under that root.</returns>
    public bool Verify(Digest documentsRoot) =>
        MerkleTree.Verify(LeafHash(DocumentId, CapsuleDigest, KeyCommitment), Index, Count, _path, documentsRoot);

    internal static Digest LeafHash(DocumentId documentId, Digest capsuleDigest, Digest keyCommitment)
    {
        Span<byte> leaf = stackalloc byte[DocumentId.Length + (2 * Digest.Length)];
        documentId.CopyTo(leaf);
        capsuleDigest.CopyTo(leaf[DocumentId.Length..]);
        keyCommitment.CopyTo(leaf[(DocumentId.Length + Digest.Length)..]);
        return MerkleTree.Leaf(leaf);
    }
}
