namespace Phr.Crypto;

/// <summary>A further person to whom a document's content key is wrapped, beside the patient's delegating key.</summary>
/// <remarks>Made by <see cref="BundleWriter.AddRecipient"/>, left out by <see cref="BundleWriter.RemoveRecipient"/>. Whoever has the header sees the key. Immutable and thread safe.</remarks>
public sealed class BundleRecipient
{
    internal BundleRecipient(PublicKey key, Capsule capsule, byte[] wrappedKey)
    {
        Key = key;
        Capsule = capsule;
        WrappedKey = wrappedKey;
    }

    /// <summary>The recipient's receiving key.</summary>
    public PublicKey Key { get; }

    /// <summary>The capsule that this key opens.</summary>
    public Capsule Capsule { get; }

    /// <summary>The content key under the capsule's key: 48 bytes.</summary>
    public ReadOnlyMemory<byte> WrappedKey { get; }
}
