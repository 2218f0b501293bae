using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>What an envelope with shares must be and hold, whoever dealt: the patient, or a trustee who shares its share onward.</summary>
internal sealed class DealtEnvelope
{
    public const string Stage = "share envelope";

    public required Digest Digest { get; init; }

    public required TrusteeMember Recipient { get; init; }

    public required ActorId SenderId { get; init; }

    public required PublicKey SenderKey { get; init; }

    public required byte[] Context { get; init; }

    /// <summary>For every document the public key of the share that the envelope must hold.</summary>
    public required PublicKey[] ShareKeys { get; init; }

    /// <summary>The sender's proof that it made the capsule; null in a patient's dealing, whose sender knows every share anyway.</summary>
    public DleqProof? Sealing { get; init; }

    public byte[] SealingContext { get; init; } = [];

    public void RequireKey(PublicKey key, string parameter)
    {
        if (key != Recipient.EnvelopeKey)
        {
            throw new ArgumentException("The key is not the trustee's envelope key in the policy.", parameter);
        }
    }

    public void RequireDigest(ReadOnlySpan<byte> envelope)
    {
        if (Digest.Of(envelope) != Digest)
        {
            throw new PhrDataException(Stage, PhrDataReason.DigestMismatch, "it is not the envelope that the dealer named for this trustee.");
        }
    }

    /// <summary>Whether anybody can see, without its being opened, that the envelope is no good.</summary>
    public bool IsPubliclyBad(ReadOnlySpan<byte> envelope) =>
        Sealing is null ? !Envelope.TryReadCapsule(envelope, out _) : !Envelope.IsSealingProven(envelope, Sealing, SealingContext);

    /// <summary>Opens the envelope and checks everything in it.</summary>
    public void Check(SecretKey key, ReadOnlySpan<byte> envelope)
    {
        RequireDigest(envelope);
        if (IsPubliclyBad(envelope))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidProof, "its capsule is not one, or its dealer did not prove to have made it.");
        }

        using EnvelopeContent content = Envelope.Open(key, SenderId, SenderKey, Context, envelope);
        if (FindFault(content) is { } fault)
        {
            throw fault;
        }
    }

    public PhrDataException? FindFault(EnvelopeContent content)
    {
        if (content.Length != ShareKeys.Length * SecretKey.Length)
        {
            return new PhrDataException(Stage, PhrDataReason.WrongLength, "it does not hold one share per document.");
        }

        for (int d = 0; d < ShareKeys.Length; d++)
        {
            if (!Scalar.TryFromBytes(content.Bytes.Slice(d * SecretKey.Length, SecretKey.Length), out Scalar share) || share.IsZero)
            {
                return new PhrDataException(Stage, PhrDataReason.InvalidScalar, $"the share of document {d + 1} is not a scalar.");
            }

            if (Point.MultiplyBase(share) != ShareKeys[d].Point)
            {
                return new PhrDataException(Stage, PhrDataReason.CommitmentMismatch, $"the share of document {d + 1} is not the one that the dealer committed to.");
            }
        }

        return null;
    }
}
