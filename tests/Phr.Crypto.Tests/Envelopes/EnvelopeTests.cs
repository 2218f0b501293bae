using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto.Memory;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Envelopes;

public class EnvelopeTests
{
    private static readonly IdentityKeys Sender = IdentityKeys.Generate();
    private static readonly IdentityKeys Other = IdentityKeys.Generate();
    private static readonly SecretKey Recipient = SecretKey.Generate();
    private static readonly byte[] Context = "request 7, epoch 2, oracle 3"u8.ToArray();
    private static readonly byte[] Plaintext = "a share of a key"u8.ToArray();

    [Fact]
    public void Open_ForTheRecipient_GivesThePlaintext()
    {
        byte[] envelope = Seal(Plaintext);
        using EnvelopeContent content = Envelope.Open(Recipient, Sender.Id, Sender.PublicKeys.ObjectKey, Context, envelope);
        Assert.Equal(Plaintext, content.Bytes.ToArray());
        Assert.Equal(Plaintext.Length, content.Length);
        Assert.Equal("EnvelopeContent", content.ToString());
    }

    [Fact]
    public void Open_EveryLengthAndContext_GivesThePlaintext() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll<byte[], byte[]>((plaintext, context) =>
        {
            byte[] envelope = Envelope.Seal(Recipient.PublicKey, Sender.Id, Sender.PublicKeys.ObjectKey, context, plaintext);
            using EnvelopeContent content = Envelope.Open(Recipient, Sender.Id, Sender.PublicKeys.ObjectKey, context, envelope);
            return content.Bytes.SequenceEqual(plaintext);
        }));

    [Fact]
    public void Seal_Twice_SharesNoBytesOfCapsuleOrBody()
    {
        byte[] first = Seal(Plaintext);
        byte[] second = Seal(Plaintext);
        Assert.NotEqual(first[..98], second[..98]);
        Assert.NotEqual(first[98..130], second[98..130]);
        Assert.NotEqual(first[130..], second[130..]);
    }

    // The construction once more, from the text of the protocol and with nothing of Envelope.
    [Fact]
    public void Seal_ByTheProtocolsText_IsTheSame()
    {
        byte[] envelope = Seal(Plaintext);
        Capsule capsule = Capsule.FromSimpleBytes(envelope.AsSpan(0, 98));
        using SecretBytes shared = Umbral.DecapsulateShared(Recipient, capsule);
        byte[] prk = HKDF.Extract(HashAlgorithmName.SHA256, shared.Reveal().ToArray(), "phr/envelope/v1"u8.ToArray());
        byte[] info = SHA256.HashData(
            [.. envelope[..98], .. Recipient.PublicKey.ToBytes(), .. Sender.Id.ToBytes(), .. Sender.PublicKeys.ObjectKey.ToBytes(), .. Context]);
        byte[] keys = HKDF.Expand(HashAlgorithmName.SHA256, prk, 64, info);
        Assert.Equal(keys[32..], envelope[98..130]);
        using var aes = new AesGcm(keys.AsSpan(0, 32), 16);
        var padded = new byte[envelope.Length - 146];
        aes.Decrypt(new byte[12], envelope.AsSpan(130, padded.Length), envelope.AsSpan(130 + padded.Length), padded, Context);
        Assert.Equal([.. Plaintext, 0x80, 0], padded);
    }

    [Fact]
    public void Open_WrongRecipientSenderOrContext_FailsAtTheCommitment()
    {
        byte[] envelope = Seal(Plaintext);
        using var stranger = SecretKey.Generate();
        Assert.Equal(Envelope.Fault.Commitment, Fault(stranger, Sender.Id, Sender.PublicKeys.ObjectKey, Context, envelope));
        Assert.Equal(Envelope.Fault.Commitment, Fault(Recipient, Other.Id, Sender.PublicKeys.ObjectKey, Context, envelope));
        Assert.Equal(Envelope.Fault.Commitment, Fault(Recipient, Sender.Id, Other.PublicKeys.ObjectKey, Context, envelope));
        Assert.Equal(Envelope.Fault.Commitment, Fault(Recipient, Sender.Id, Sender.PublicKeys.ObjectKey, [.. Context, 0], envelope));
        Assert.Equal(Envelope.Fault.Commitment, Fault(Recipient, Sender.Id, Sender.PublicKeys.ObjectKey, [], envelope));
    }

    [Fact]
    public void Open_EveryByteFlipped_Fails()
    {
        byte[] envelope = Seal(Plaintext);
        for (int i = 0; i < envelope.Length; i++)
        {
            byte[] flipped = (byte[])envelope.Clone();
            flipped[i] ^= 0x01;
            Envelope.Fault expected = i < 98 ? Envelope.Fault.Capsule : i < 130 ? Envelope.Fault.Commitment : Envelope.Fault.Tag;
            Assert.Equal(expected, Fault(flipped));
        }
    }

    [Fact]
    public void Open_Truncated_Fails()
    {
        byte[] envelope = Seal(Plaintext);
        for (int length = 0; length < envelope.Length; length++)
        {
            Envelope.Fault fault = Fault(envelope[..length]);
            Assert.Equal(length < Envelope.MinLength ? Envelope.Fault.Length : Envelope.Fault.Tag, fault);
        }

        Assert.Equal(Envelope.Fault.Tag, Fault([.. envelope, 0]));
    }

    [Fact]
    public void Open_CommitmentOrCapsuleOfAnotherEnvelope_Fails()
    {
        byte[] first = Seal(Plaintext);
        byte[] second = Seal(Plaintext);
        Assert.Equal(Envelope.Fault.Commitment, Fault([.. first[..98], .. second[98..130], .. first[130..]]));
        Assert.Equal(Envelope.Fault.Commitment, Fault([.. second[..98], .. first[98..]]));
        Assert.Equal(Envelope.Fault.Tag, Fault([.. first[..130], .. second[130..]]));
        Assert.Equal(Envelope.Fault.Commitment, Fault([.. first[..98], .. new byte[32], .. first[130..]]));
    }

    [Fact]
    public void Open_LongerThanTheBound_FailsBeforeAnyWork()
    {
        byte[] envelope = Seal(Plaintext);
        Array.Resize(ref envelope, Envelope.MaxLength + 1);
        Assert.Equal(Envelope.Fault.Length, Fault(envelope));
    }

    [Fact]
    public void Seal_LongestPlaintext_StaysWithinTheBound()
    {
        byte[] envelope = Seal(new byte[Envelope.MaxPlaintextLength]);
        Assert.InRange(envelope.Length, Envelope.MaxPlaintextLength, Envelope.MaxLength);
        using EnvelopeContent content = Envelope.Open(Recipient, Sender.Id, Sender.PublicKeys.ObjectKey, Context, envelope);
        Assert.Equal(Envelope.MaxPlaintextLength, content.Length);
        Assert.Throws<ArgumentException>(() => Seal(new byte[Envelope.MaxPlaintextLength + 1]));
    }

    [Fact]
    public void Open_WrongPadding_Fails()
    {
        // no marker; another marker; a length that is not Padmé's; only zeros
        Assert.Equal(Envelope.Fault.Padding, Fault(SealPadded([1, 2, 3, 0])));
        Assert.Equal(Envelope.Fault.Padding, Fault(SealPadded([1, 2, 3, 0x81])));
        Assert.Equal(Envelope.Fault.Padding, Fault(SealPadded([1, 0x80, 0, 0, 0, 0, 0, 0])));
        Assert.Equal(Envelope.Fault.Padding, Fault(SealPadded(new byte[8])));
        Assert.Equal(Envelope.Fault.None, Fault(SealPadded([1, 2, 3, 0x80])));
    }

    // AES-GCM alone does not commit to its key: for two keys a ciphertext can be made that opens under both. The commitment stops that.
    [Fact]
    public void Open_CiphertextThatOpensUnderTwoKeys_OpensForOneOnly()
    {
        using var second = SecretKey.Generate();
        byte[] envelope = Seal(Plaintext);
        byte[] keyOfSecond = DeriveFor(second, envelope);
        byte[] keyOfFirst = DeriveFor(Recipient, envelope);
        byte[] body = TwoKeyCiphertext.Forge(keyOfFirst.AsSpan(0, 32), keyOfSecond.AsSpan(0, 32), Context);

        // Plain AES-GCM accepts the body under both keys …
        Assert.True(TwoKeyCiphertext.Opens(keyOfFirst.AsSpan(0, 32), body, Context));
        Assert.True(TwoKeyCiphertext.Opens(keyOfSecond.AsSpan(0, 32), body, Context));

        // … the envelope, with either commitment, only under the key that it commits to (where the padding, which the forger cannot choose, then fails).
        byte[] forFirst = [.. envelope[..98], .. keyOfFirst[32..], .. body];
        Assert.NotEqual(Envelope.Fault.Commitment, Fault(forFirst));
        Assert.Equal(Envelope.Fault.Commitment, Fault(second, Sender.Id, Sender.PublicKeys.ObjectKey, Context, forFirst));
        byte[] forSecond = [.. envelope[..98], .. keyOfSecond[32..], .. body];
        Assert.Equal(Envelope.Fault.Commitment, Fault(forSecond));
        Assert.NotEqual(Envelope.Fault.Commitment, Fault(second, Sender.Id, Sender.PublicKeys.ObjectKey, Context, forSecond));
    }

    [Fact]
    public void Open_AnyFailureAfterTheCapsule_SaysTheSame()
    {
        byte[] envelope = Seal(Plaintext);
        byte[] commitment = (byte[])envelope.Clone();
        commitment[100] ^= 1;
        byte[] tag = (byte[])envelope.Clone();
        tag[^1] ^= 1;
        PhrDataException[] faults = [Thrown(commitment), Thrown(tag), Thrown(SealPadded([1]))];
        Assert.All(faults, f => Assert.Equal(PhrDataReason.AuthenticationFailed, f.Reason));
        Assert.Single(faults.Select(f => f.Message).Distinct());
        Assert.Equal(PhrDataReason.WrongLength, Thrown([]).Reason);
        envelope[0] = 5;
        Assert.Equal(PhrDataReason.InvalidProof, Thrown(envelope).Reason);
    }

    [Fact]
    public void EnvelopeContent_Disposed_GivesNothing()
    {
        EnvelopeContent content = Envelope.Open(Recipient, Sender.Id, Sender.PublicKeys.ObjectKey, Context, Seal(Plaintext));
        content.Dispose();
        Assert.Throws<ObjectDisposedException>(() => content.Bytes.Length);
    }

    [Fact]
    public void TryOpen_MutatedEnvelopes_NeverThrows()
    {
        byte[][] samples = [Seal([]), Seal(Plaintext), Seal(new byte[300])];
        Mutations.Run(
            "envelope",
            samples,
            bytes =>
            {
                bool opened = Envelope.TryOpen(Recipient, Sender.Id, Sender.PublicKeys.ObjectKey, Context, bytes, out EnvelopeContent? content);
                content?.Dispose();
                Assert.Equal(opened, samples.Any(s => s.AsSpan().SequenceEqual(bytes)));
                return opened;
            },
            e => e is PhrDataException);
    }

    private static byte[] Seal(byte[] plaintext) =>
        Envelope.Seal(Recipient.PublicKey, Sender.Id, Sender.PublicKeys.ObjectKey, Context, plaintext);

    private static byte[] SealPadded(byte[] padded) =>
        Envelope.SealPadded(Recipient.PublicKey, Sender.Id, Sender.PublicKeys.ObjectKey, Context, padded, RandomSource.System);

    private static Envelope.Fault Fault(byte[] envelope) => Fault(Recipient, Sender.Id, Sender.PublicKeys.ObjectKey, Context, envelope);

    private static Envelope.Fault Fault(SecretKey recipient, ActorId senderId, PublicKey senderKey, byte[] context, byte[] envelope)
    {
        Envelope.Fault fault = Envelope.Open(recipient, senderId, senderKey, context, envelope, out EnvelopeContent? content);
        Assert.Equal(fault == Envelope.Fault.None, content is not null);
        content?.Dispose();
        return fault;
    }

    private static PhrDataException Thrown(byte[] envelope) =>
        Assert.Throws<PhrDataException>(() => Envelope.Open(Recipient, Sender.Id, Sender.PublicKeys.ObjectKey, Context, envelope));

    private static byte[] DeriveFor(SecretKey recipient, byte[] envelope)
    {
        using SecretBytes shared = Umbral.DecapsulateShared(recipient, Capsule.FromSimpleBytes(envelope.AsSpan(0, 98)));
        byte[] info = SHA256.HashData(
            [.. envelope[..98], .. recipient.PublicKey.ToBytes(), .. Sender.Id.ToBytes(), .. Sender.PublicKeys.ObjectKey.ToBytes(), .. Context]);
        return HKDF.DeriveKey(HashAlgorithmName.SHA256, shared.Reveal().ToArray(), 64, "phr/envelope/v1"u8.ToArray(), info);
    }
}
