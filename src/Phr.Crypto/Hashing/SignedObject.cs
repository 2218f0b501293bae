using System.Security.Cryptography;
using System.Text;
using Phr.Shared;

namespace Phr.Crypto.Hashing;

/// <summary>
/// The outer form of everything that Phr signs and exchanges (header, dealing, key record, approval, delivery):
/// deterministic CBOR <c>[tag, payload, extra…, signature]</c>, where payload is a byte string, signature has 64 bytes, and the signature
/// is over SHA-256 of <c>utf8(tag) ‖ 0x00 ‖ payload</c>. Extra items, which few objects have, are not covered by the signature.
/// An object's digest is SHA-256 of its exact bytes, so only one form of each object is read.
/// </summary>
internal static class SignedObject
{
    /// <summary>Objects that go into content storage as one raw block have at most 1 MiB.</summary>
    public const int MaxBlockLength = 1 << 20;

    /// <summary>What is signed: <c>utf8(tag) ‖ 0x00 ‖ payload</c>. No tag contains a zero, so no two (tag, payload) share a message.</summary>
    public static byte[] Message(string tag, ReadOnlySpan<byte> payload)
    {
        int length = Encoding.UTF8.GetByteCount(tag);
        var message = new byte[length + 1 + payload.Length];
        Encoding.UTF8.GetBytes(tag, message);
        payload.CopyTo(message.AsSpan(length + 1));
        return message;
    }

    /// <summary>Signs with an object key (randomised nonce) and encodes.</summary>
    /// <param name="tag">The tag, for example <c>phr/dealing/v1</c>.</param>
    /// <param name="payload">The payload's exact bytes.</param>
    /// <param name="signer">The object key.</param>
    /// <param name="extra">Encoded CBOR items to stand between payload and signature; not signed.</param>
    public static byte[] Sign(string tag, ReadOnlySpan<byte> payload, Signer signer, params ReadOnlySpan<byte[]> extra) =>
        Encode(tag, payload, signer.Sign(Message(tag, payload)), extra);

    /// <summary>Signs with a plain key such as a ledger key (deterministic nonce) and encodes.</summary>
    public static byte[] Sign(string tag, ReadOnlySpan<byte> payload, SecretKey key, params ReadOnlySpan<byte[]> extra)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Message(tag, payload), digest);
        return Encode(tag, payload, key.SignDigest(digest).Signature, extra);
    }

    /// <summary>Encodes with a signature made elsewhere.</summary>
    public static byte[] Encode(string tag, ReadOnlySpan<byte> payload, Signature signature, params ReadOnlySpan<byte[]> extra)
    {
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(3 + extra.Length).Text(tag).Bytes(payload);
        foreach (byte[] item in extra)
        {
            writer.Encoded(item);
        }

        return writer.Bytes(signature.Span).EndArray().ToBytes();
    }

    /// <summary>Takes the outer form apart; refuses another tag, non-canonical bytes, a malformed signature and bytes after the end. Verifies nothing.</summary>
    /// <param name="stage">The format's name in exceptions.</param>
    /// <param name="tag">The tag that must stand first.</param>
    /// <param name="bytes">The exact bytes.</param>
    /// <param name="maxLength">The most bytes that are read.</param>
    /// <param name="extraCount">How many extra items there must be.</param>
    /// <exception cref="PhrDataException">The bytes are not this object.</exception>
    public static Parts Parse(string stage, string tag, ReadOnlyMemory<byte> bytes, int maxLength, int extraCount = 0)
    {
        var reader = new CanonicalCborReader(stage, bytes, maxLength);
        reader.BeginArray(3 + extraCount);
        reader.Expect(tag);
        byte[] payload = reader.Bytes(maxLength);
        var extra = new ReadOnlyMemory<byte>[extraCount];
        for (int i = 0; i < extraCount; i++)
        {
            extra[i] = reader.Encoded();
        }

        Signature signature = reader.Signature();
        reader.EndArray();
        reader.End();
        return new Parts(tag, payload, signature, extra);
    }

    /// <summary>Whether <paramref name="key"/> signed this payload under this tag.</summary>
    public static bool Verify(string tag, ReadOnlySpan<byte> payload, PublicKey key, Signature signature) =>
        key.Verify(Message(tag, payload), signature);

    /// <summary>An object taken apart.</summary>
    internal sealed class Parts(string tag, byte[] payload, Signature signature, ReadOnlyMemory<byte>[] extra)
    {
        public string Tag => tag;

        public byte[] Payload => payload;

        public Signature Signature => signature;

        /// <summary>The extra items, each as its encoded CBOR value.</summary>
        public IReadOnlyList<ReadOnlyMemory<byte>> Extra => extra;

        public bool Verify(PublicKey key) => SignedObject.Verify(tag, payload, key, signature);
    }
}
