using Phr.Crypto.Bundles;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>One document's entry in a <see cref="BundleHeader"/>: where its ciphertext is, and what is needed to open it with the right key.</summary>
/// <remarks>Wire form: docs/bundle-format.md §4.2. Nothing in it is secret. Immutable and thread safe.</remarks>
public sealed class BundleDocument
{
    /// <summary>The most further recipients a document has.</summary>
    public const int MaxRecipients = 64;

    internal const int MaxSealedInfoLength = 8192;

    private readonly string[] _labels;
    private readonly BundleRecipient[] _recipients;
    private readonly Lazy<int> _encodedLength;

    internal BundleDocument(
        DocumentId id,
        PublicKey delegatingKey,
        Capsule capsule,
        byte[] wrappedKey,
        Cid ciphertextCid,
        long ciphertextLength,
        Digest keyCommitment,
        byte[] salt,
        string[] labels,
        byte[] sealedInfo,
        BundleRecipient[] recipients)
    {
        _encodedLength = new Lazy<int>(() => Encode().Length);
        Id = id;
        DelegatingKey = delegatingKey;
        Capsule = capsule;
        WrappedKey = wrappedKey;
        CiphertextCid = ciphertextCid;
        CiphertextLength = ciphertextLength;
        KeyCommitment = keyCommitment;
        Salt = salt;
        _labels = labels;
        SealedInfo = sealedInfo;
        _recipients = recipients;
    }

    /// <summary>The document's id. Every version and every sealing has its own.</summary>
    public DocumentId Id { get; }

    /// <summary>The delegating public key <c>A</c> of this document alone.</summary>
    public PublicKey DelegatingKey { get; }

    /// <summary>The capsule encapsulated to <see cref="DelegatingKey"/>; its self-check holds.</summary>
    public Capsule Capsule { get; }

    /// <summary>The content key under the capsule's key: 48 bytes.</summary>
    public ReadOnlyMemory<byte> WrappedKey { get; }

    /// <summary>Where the ciphertext is.</summary>
    public Cid CiphertextCid { get; }

    /// <summary>The ciphertext's length in bytes, tags included: 16 to 2^24 times 65,552.</summary>
    public long CiphertextLength { get; }

    /// <summary>Bytes of plaintext in each chunk but the last: 65,536.</summary>
    public int ChunkSize => DocumentCipher.ChunkLength;

    /// <summary>The commitment <c>K_com</c> to the document's keys: 32 bytes that only the one content key yields.</summary>
    public Digest KeyCommitment { get; }

    /// <summary>The key schedule's salt: 32 bytes.</summary>
    public ReadOnlyMemory<byte> Salt { get; }

    /// <summary>The labels that the patient lets everyone see; at most 16, each at most 64 bytes of UTF-8.</summary>
    public IReadOnlyList<string> VisibleLabels => _labels;

    /// <summary>Title, media type, length, digest and source signatures, sealed.</summary>
    public ReadOnlyMemory<byte> SealedInfo { get; }

    /// <summary>Those to whom the content key is wrapped besides the patient; at most 64.</summary>
    public IReadOnlyList<BundleRecipient> Recipients => _recipients;

    /// <summary>Bytes of this entry in a header.</summary>
    internal int EncodedLength => _encodedLength.Value;

    internal BundleDocument WithLabels(string[] labels) => With(labels, SealedInfo.ToArray(), _recipients);

    internal BundleDocument WithInfo(string[] labels, byte[] sealedInfo) => With(labels, sealedInfo, _recipients);

    internal BundleDocument WithRecipients(BundleRecipient[] recipients) => With(_labels, SealedInfo.ToArray(), recipients);

    /// <summary>Whether everything is the same but the labels, the recipients, and a description that was sealed anew: what a revision may not change under one id.</summary>
    internal bool IsSameSealing(BundleDocument other) =>
        Id == other.Id
        && DelegatingKey == other.DelegatingKey
        && Capsule.Equals(other.Capsule)
        && WrappedKey.Span.SequenceEqual(other.WrappedKey.Span)
        && CiphertextCid == other.CiphertextCid
        && CiphertextLength == other.CiphertextLength
        && KeyCommitment == other.KeyCommitment
        && Salt.Span.SequenceEqual(other.Salt.Span)
        && (SealedInfo.Span.SequenceEqual(other.SealedInfo.Span) || Bundles.SealedInfo.HasNonce(SealedInfo.Length));

    internal static BundleDocument Read(CanonicalCborReader reader)
    {
        reader.BeginArray(12);
        DocumentId id = reader.DocumentId();
        PublicKey delegatingKey = reader.PublicKey();
        byte[] capsule = reader.BytesExactly(Capsule.Length);
        byte[] wrappedKey = reader.BytesExactly(DocumentCipher.WrappedKeyLength);
        Cid cid = ReadCid(reader);
        long length = (long)reader.UInt64(DocumentCipher.MaxCiphertextLength);
        if (!DocumentCipher.TryPaddedLength(length, out _))
        {
            throw reader.Fault(PhrDataReason.OutOfRange, "no ciphertext has the length that stands for one.");
        }

        if (reader.UInt64() != DocumentCipher.ChunkLength)
        {
            throw reader.Fault(PhrDataReason.OutOfRange, $"a chunk size is not {DocumentCipher.ChunkLength}.");
        }

        Digest commitment = reader.Digest();
        byte[] salt = reader.BytesExactly(DocumentCipher.SaltLength);
        string[] labels = new string[reader.BeginList(DocumentInfo.MaxLabels)];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = reader.Text(DocumentInfo.MaxLabelLength);
        }

        reader.EndArray();
        if (!DocumentInfo.AreLabels(labels))
        {
            throw reader.Fault(PhrDataReason.Malformed, "a label is empty, too long, there twice, or has control characters.");
        }

        byte[] sealedInfo = reader.Bytes(MaxSealedInfoLength);
        if (sealedInfo.Length <= DocumentCipher.TagLength)
        {
            throw reader.Fault(PhrDataReason.WrongLength, "a sealed description is too short to be one.");
        }

        var recipients = new BundleRecipient[reader.BeginList(MaxRecipients)];
        for (int i = 0; i < recipients.Length; i++)
        {
            reader.BeginArray(3);
            PublicKey key = reader.PublicKey();
            byte[] recipientCapsule = reader.BytesExactly(Capsule.Length);
            recipients[i] = new BundleRecipient(key, ReadCapsule(reader, recipientCapsule), reader.BytesExactly(DocumentCipher.WrappedKeyLength));
            reader.EndArray();
        }

        reader.EndArray();
        reader.EndArray();
        return new BundleDocument(id, delegatingKey, ReadCapsule(reader, capsule), wrappedKey, cid, length, commitment, salt, labels, sealedInfo, recipients);
    }

    internal void Write(CanonicalCborWriter writer)
    {
        writer.Array(12)
            .Id(Id)
            .Key(DelegatingKey)
            .Bytes(Capsule.ToSimpleBytes())
            .Bytes(WrappedKey.Span)
            .Bytes(CiphertextCid.ToBytes())
            .UInt64((ulong)CiphertextLength)
            .UInt64((ulong)ChunkSize)
            .Id(KeyCommitment)
            .Bytes(Salt.Span)
            .Array(_labels.Length);
        foreach (string label in _labels)
        {
            writer.Text(label);
        }

        writer.EndArray().Bytes(SealedInfo.Span).Array(_recipients.Length);
        foreach (BundleRecipient recipient in _recipients)
        {
            writer.Array(3).Key(recipient.Key).Bytes(recipient.Capsule.ToSimpleBytes()).Bytes(recipient.WrappedKey.Span).EndArray();
        }

        writer.EndArray().EndArray();
    }

    private BundleDocument With(string[] labels, byte[] sealedInfo, BundleRecipient[] recipients) => new(
        Id, DelegatingKey, Capsule, WrappedKey.ToArray(), CiphertextCid, CiphertextLength, KeyCommitment, Salt.ToArray(), labels, sealedInfo, recipients);

    private byte[] Encode()
    {
        var writer = new CanonicalCborWriter();
        Write(writer);
        return writer.ToBytes();
    }

    internal static Cid ReadCid(CanonicalCborReader reader) =>
        Cid.TryFromBytes(reader.Bytes(Cid.MaxByteLength), out Cid cid) && cid is { Version: 1, IsSupported: true }
            ? cid
            : throw reader.Fault(PhrDataReason.Malformed, "a content id is not of version 1 with a raw or dag-pb block and SHA-256.");

    private static Capsule ReadCapsule(CanonicalCborReader reader, byte[] bytes)
    {
        try
        {
            return Capsule.FromSimpleBytes(bytes);
        }
        catch (PhrDataException e)
        {
            throw new PhrDataException(BundleHeader.Stage, e.Reason, "a capsule is not one, or its self-check does not hold.", e);
        }
    }
}
