using System.Diagnostics;
using Phr.Crypto.Bundles;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>The keys of one document. Whoever has this reads that document and no other.</summary>
/// <remarks>Made by <see cref="BundleHeader.UnwrapKey"/> and its siblings, after the header's key commitment was checked. Thread safe until disposed.</remarks>
[DebuggerDisplay("DocumentKey")]
public sealed class DocumentKey : IDisposable
{
    private const string Stage = "document key";

    private readonly SecretBytes _contentKey;
    private readonly SecretBytes _schedule;
    private readonly Digest _keyCommitment;

    private DocumentKey(DocumentId documentId, Digest keyCommitment, SecretBytes contentKey, SecretBytes schedule)
    {
        DocumentId = documentId;
        _keyCommitment = keyCommitment;
        _contentKey = contentKey;
        _schedule = schedule;
    }

    /// <summary>The document.</summary>
    public DocumentId DocumentId { get; }

    internal SecretBytes ContentKey => _contentKey;

    internal ReadOnlySpan<byte> MetadataKey => _schedule.Reveal().Slice(2 * DocumentCipher.KeyLength, DocumentCipher.KeyLength);

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        _contentKey.Dispose();
        _schedule.Dispose();
    }

    /// <summary>The type's name; never a key.</summary>
    /// <returns><c>DocumentKey</c>.</returns>
    public override string ToString() => nameof(DocumentKey);

    /// <summary>Unwraps for one recipient: the patient's delegating key, or a further recipient.</summary>
    internal static DocumentKey FromCapsuleKey(
        Digest context, BundleDocument document, PublicKey recipient, Capsule capsule, ReadOnlySpan<byte> wrappedKey, CapsuleKey capsuleKey)
    {
        SecretBytes contentKey = DocumentCipher.UnwrapKey(capsuleKey.Reveal(), recipient, capsule, document.Id, wrappedKey)
            ?? throw new PhrDataException(Stage, PhrDataReason.AuthenticationFailed, "the content key does not unwrap: the capsule's key is not this document's.");
        SecretBytes schedule = DocumentCipher.DeriveSchedule(contentKey, document.Salt.Span, context);
        var key = new DocumentKey(document.Id, Commitment(schedule), contentKey, schedule);
        if (key._keyCommitment != document.KeyCommitment)
        {
            key.Dispose();
            throw new PhrDataException(Stage, PhrDataReason.CommitmentMismatch, "the header's key commitment is to another key.");
        }

        return key;
    }

    /// <summary>The keys of a document that is being sealed. Takes over the content key.</summary>
    internal static DocumentKey ForSealing(SecretBytes contentKey, ReadOnlySpan<byte> salt, LedgerId ledger, ActorId patient, BundleId bundle, DocumentId document)
    {
        SecretBytes schedule = DocumentCipher.DeriveSchedule(contentKey, salt, DocumentCipher.Context(ledger, patient, bundle, document));
        return new DocumentKey(document, Commitment(schedule), contentKey, schedule);
    }

    internal Digest KeyCommitment => _keyCommitment;

    internal ChunkCipher CreateCipher(BundleId bundle) =>
        new(_schedule.Reveal()[..DocumentCipher.KeyLength], bundle, DocumentId, _keyCommitment);

    internal void ThrowIfNotOf(BundleDocument document)
    {
        if (DocumentId != document.Id || _keyCommitment != document.KeyCommitment)
        {
            throw new ArgumentException("The key is another document's.", "key");
        }
    }

    private static Digest Commitment(SecretBytes schedule) =>
        Digest.FromBytes(schedule.Reveal().Slice(DocumentCipher.KeyLength, DocumentCipher.KeyLength));
}
