using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Tests.Sharing;

namespace Phr.Crypto.Tests.Envelopes;

/// <summary>Makes <c>tests/vectors/envelopes/open.json</c>, the same each time.</summary>
internal static class EnvelopeVectorGenerator
{
    private const int CommitmentOffset = 98;
    private const int BodyOffset = 130;

    private static readonly byte[] Context = "request 7, epoch 2, oracle 3"u8.ToArray();
    private static readonly byte[] Share = "a share of a delegating key"u8.ToArray();

    public static EnvelopeVectorFile Make()
    {
        using var maker = new Maker();
        byte[] good = maker.Seal("share", Share);
        byte[] twin = maker.Seal("twin", Share);
        byte[] forStranger = maker.Seal("stranger", Share, maker.Stranger.PublicKey);
        (byte[] twoKeys, byte[] twoKeysOther) = maker.TwoKeys(good);
        return new EnvelopeVectorFile(
            "Envelopes: docs/envelope-format.md. `envelope` is opened with the other values. Made by EnvelopeVectorGenerator.",
            [
                maker.Opens("share", "A short plaintext.", good, Share),
                maker.Opens("empty", "No plaintext: the padding is the marker alone, and the envelope has the least length.", maker.Seal("empty", []), []),
                maker.Opens("zeros-after-padding", "28 bytes and the marker are 29; Padmé makes 30 of them.", maker.Seal("pad", new byte[28]), new byte[28]),
                maker.Opens("plaintext-like-padding", "A plaintext that ends as a padding does.", maker.Seal("like", [1, 0x80, 0, 0]), [1, 0x80, 0, 0]),
                maker.Opens("one-point-twice", "E = V: the opener's addition must be able to double.", maker.SealWith(maker.OnePointTwice(), Share), Share),
                maker.Opens("no-context", "An empty context.", maker.Seal("no-context", Share, context: []), Share, context: []),
                maker.Opens("long", "A kilobyte.", maker.Seal("long", Numbers(1024)), Numbers(1024)),

                maker.Refused("nothing", "No bytes.", "length", []),
                maker.Refused("one-byte-short", "146 bytes: no room for a padded plaintext.", "length", good[..146]),

                maker.Refused("capsule-flipped", "A bit of E is flipped, and E is another point.", "capsule", FlipToAnotherPoint(good)),
                maker.Refused("capsule-compact-point", "E in the 05 form, which other readers take.", "capsule", Put(good, 0, [5])),
                maker.Refused("capsule-not-on-curve", "E's x is above the field's prime.", "capsule", Put(good, 1, Enumerable.Repeat((byte)0xFF, 32).ToArray())),
                maker.Refused("capsule-identity", "E is the identity, as zeros.", "capsule", Put(good, 0, new byte[33])),
                maker.Refused("capsule-swapped-points", "E and V stand in each other's place.", "capsule", [.. good[33..66], .. good[..33], .. good[66..]]),
                maker.Refused("capsule-wrong-proof", "s is another scalar.", "capsule", Put(good, 97, [(byte)(good[97] ^ 1)])),
                maker.Refused("capsule-proof-not-below-order", "s is the group order.", "capsule", Put(good, 66, Convert.FromHexString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"))),
                maker.Refused("capsule-sums-to-identity", "V = -E with an honest proof: the shared point would be the identity, a key that all know.", "capsule", [.. maker.SumsToIdentity(), .. good[CommitmentOffset..]]),

                maker.Refused("another-recipient", "Sealed to another key.", "commitment", forStranger),
                maker.Refused("another-sender", "The opener expects another sender.", "commitment", good) with { SenderId = maker.StrangerId.ToString() },
                maker.Refused("another-sender-key", "The sender has another object key by now.", "commitment", good) with { SenderKey = maker.Stranger.PublicKey.ToString() },
                maker.Refused("another-context", "The opener expects another oracle.", "commitment", good) with { Context = Hex("request 7, epoch 2, oracle 4"u8) },
                maker.Refused("longer-context", "The context goes on.", "commitment", good) with { Context = Hex([.. Context, 0]) },
                maker.Refused("missing-context", "The opener has no context.", "commitment", good) with { Context = "" },
                maker.Refused("shifted-context", "The context's first byte does not count as the end of the sender's key.", "commitment", good) with { Context = Hex(Context.AsSpan(1)) },
                maker.Refused("commitment-flipped", "A bit of the commitment is flipped.", "commitment", Put(good, CommitmentOffset, [(byte)(good[CommitmentOffset] ^ 0x80)])),
                maker.Refused("commitment-zero", "No commitment.", "commitment", Put(good, CommitmentOffset, new byte[32])),
                maker.Refused("commitment-of-another", "The commitment of another envelope for the same recipient and context.", "commitment", Put(good, CommitmentOffset, twin[CommitmentOffset..BodyOffset])),
                maker.Refused("capsule-of-another", "The capsule of another envelope for the same recipient and context.", "commitment", Put(good, 0, twin[..CommitmentOffset])),
                maker.Refused("two-keys-other-commitment", "A ciphertext that AES-GCM opens under two keys, committed to the other one.", "commitment", twoKeysOther),

                maker.Refused("ciphertext-flipped", "A bit of the ciphertext is flipped.", "tag", Put(good, BodyOffset, [(byte)(good[BodyOffset] ^ 1)])),
                maker.Refused("tag-flipped", "A bit of the tag is flipped.", "tag", Put(good, good.Length - 1, [(byte)(good[^1] ^ 1)])),
                maker.Refused("body-of-another", "Ciphertext and tag of another envelope for the same recipient and context.", "tag", [.. good[..BodyOffset], .. twin[BodyOffset..]]),
                maker.Refused("truncated", "The last byte is missing.", "tag", good[..^1]),
                maker.Refused("extended", "A byte follows.", "tag", [.. good, 0]),
                maker.Refused("byte-removed", "A byte of the ciphertext is missing.", "tag", [.. good[..BodyOffset], .. good[(BodyOffset + 1)..]]),

                maker.Refused("padding-missing", "The plaintext ends without a marker.", "padding", maker.SealPadded("p1", [1, 2, 3, 4])),
                maker.Refused("padding-other-marker", "The marker is 81.", "padding", maker.SealPadded("p2", [1, 2, 3, 0x81])),
                maker.Refused("padding-only-zeros", "Zeros and no marker.", "padding", maker.SealPadded("p3", new byte[8])),
                maker.Refused("padding-not-zero", "A byte after the marker is not zero.", "padding", maker.SealPadded("p4", [1, 2, 0x80, 0, 0, 0, 0, 1])),
                maker.Refused("padding-too-long", "More zeros than Padmé asks for: 2 bytes where the length is 8.", "padding", maker.SealPadded("p5", [1, 0x80, 0, 0, 0, 0, 0, 0])),
                maker.Refused("padding-too-short", "29 bytes are not a Padmé length.", "padding", maker.SealPadded("p6", [.. new byte[28], 0x80])),
                maker.Refused("two-keys", "A ciphertext that AES-GCM opens under two keys, committed to this one: the tag passes, the padding does not.", "padding", twoKeys),
            ]);
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    private static byte[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i & 0xFF))];

    private static byte[] Put(byte[] bytes, int at, byte[] value)
    {
        byte[] copy = [.. bytes];
        value.CopyTo(copy, at);
        return copy;
    }

    private static byte[] FlipToAnotherPoint(byte[] envelope)
    {
        for (byte bit = 1; ; bit++)
        {
            byte[] flipped = Put(envelope, 32, [(byte)(envelope[32] ^ bit)]);
            if (Point.TryFromBytes(flipped.AsSpan(0, 33), out _))
            {
                return flipped;
            }
        }
    }

    private sealed class Maker : IDisposable
    {
        private readonly SecretKey _recipient = SecretKey.Generate(new StreamRandom("envelope vectors: recipient"));
        private readonly SecretKey _sender = SecretKey.Generate(new StreamRandom("envelope vectors: sender"));
        private readonly ActorId _senderId;

        public Maker()
        {
            _senderId = ActorId.FromPublicKey(_sender.PublicKey);
            StrangerId = ActorId.FromPublicKey(Stranger.PublicKey);
        }

        public SecretKey Stranger { get; } = SecretKey.Generate(new StreamRandom("envelope vectors: stranger"));

        public ActorId StrangerId { get; }

        public byte[] Seal(string label, byte[] plaintext, PublicKey? recipient = null, byte[]? context = null) => Envelope.Seal(
            recipient ?? _recipient.PublicKey, _senderId, _sender.PublicKey, context ?? Context, plaintext, new StreamRandom("envelope vectors: " + label));

        public byte[] SealWith(RandomSource random, byte[] plaintext) =>
            Envelope.Seal(_recipient.PublicKey, _senderId, _sender.PublicKey, Context, plaintext, random);

        public byte[] SealPadded(string label, byte[] padded) =>
            Envelope.SealPadded(_recipient.PublicKey, _senderId, _sender.PublicKey, Context, padded, new StreamRandom("envelope vectors: " + label));

        /// <summary>The two draws of an encapsulation, r and w, are equal.</summary>
        public RandomSource OnePointTwice()
        {
            Scalar scalar = Scalar.Random(new StreamRandom("envelope vectors: twice"));
            return new FixedScalars(scalar, scalar);
        }

        public byte[] SumsToIdentity()
        {
            Scalar r = Scalar.Random(new StreamRandom("envelope vectors: identity"));
            return Capsule.Create(r, -r).ToSimpleBytes();
        }

        /// <summary>A body for the capsule of <paramref name="envelope"/> that is valid for recipient and stranger, with either commitment.</summary>
        public (byte[] Committed, byte[] CommittedToOther) TwoKeys(byte[] envelope)
        {
            byte[] capsule = envelope[..CommitmentOffset];
            byte[] mine = Inner(_recipient, envelope, Context).Keys;
            byte[] other = Inner(Stranger, envelope, Context).Keys;
            byte[] body = TwoKeyCiphertext.Forge(mine.AsSpan(0, 32), other.AsSpan(0, 32), Context);
            return ([.. capsule, .. mine[32..], .. body], [.. capsule, .. other[32..], .. body]);
        }

        public EnvelopeVector Opens(string name, string about, byte[] envelope, byte[] plaintext, byte[]? context = null)
        {
            (byte[] shared, byte[] prk, byte[] info, byte[] keys) = Inner(_recipient, envelope, context ?? Context);
            return Case(name, about, envelope, context ?? Context) with
            {
                Plaintext = Hex(plaintext),
                Inner = new SortedDictionary<string, string>(StringComparer.Ordinal)
                {
                    ["sharedPoint"] = Hex(shared),
                    ["prk"] = Hex(prk),
                    ["info"] = Hex(info),
                    ["encryptionKey"] = Hex(keys.AsSpan(0, 32)),
                    ["commitment"] = Hex(keys.AsSpan(32)),
                },
            };
        }

        public EnvelopeVector Refused(string name, string about, string stage, byte[] envelope) => Case(name, about, envelope, Context) with
        {
            Stage = stage,
            Expect = stage switch
            {
                "length" => nameof(PhrDataReason.WrongLength),
                "capsule" => nameof(PhrDataReason.InvalidProof),
                _ => nameof(PhrDataReason.AuthenticationFailed),
            },
        };

        public void Dispose()
        {
            _recipient.Dispose();
            _sender.Dispose();
            Stranger.Dispose();
        }

        private EnvelopeVector Case(string name, string about, byte[] envelope, byte[] context)
        {
            var secret = new byte[SecretKey.Length];
            _recipient.ExportTo(secret);
            return new EnvelopeVector
            {
                Name = name,
                About = about,
                Expect = "ok",
                RecipientSecret = Hex(secret),
                SenderId = _senderId.ToString(),
                SenderKey = _sender.PublicKey.ToString(),
                Context = Hex(context),
                Envelope = Hex(envelope),
            };
        }

        // From the text of the format, not from Envelope.
        private (byte[] Shared, byte[] Prk, byte[] Info, byte[] Keys) Inner(SecretKey recipient, byte[] envelope, byte[] context)
        {
            using SecretBytes point = Umbral.DecapsulateShared(recipient, Capsule.FromSimpleBytes(envelope.AsSpan(0, CommitmentOffset)));
            byte[] shared = point.Reveal().ToArray();
            byte[] prk = HKDF.Extract(HashAlgorithmName.SHA256, shared, "phr/envelope/v1"u8.ToArray());
            byte[] info = SHA256.HashData(
                [.. envelope[..CommitmentOffset], .. recipient.PublicKey.ToBytes(), .. _senderId.ToBytes(), .. _sender.PublicKey.ToBytes(), .. context]);
            return (shared, prk, info, HKDF.Expand(HashAlgorithmName.SHA256, prk, 64, info));
        }
    }
}
