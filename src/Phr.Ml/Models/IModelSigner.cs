namespace Phr.Ml;

/// <summary>Signs models, so that whoever uses one can see who trained it. The library brings no implementation: the key is the application's.</summary>
public interface IModelSigner
{
    /// <summary>The name of the way it signs, such as <c>ecdsa-secp256k1-sha256</c>; 1 to 64 printable ASCII characters.</summary>
    string Algorithm { get; }

    /// <summary>The public key that proves the signature, in the algorithm's own encoding; 1 to 1024 bytes.</summary>
    ReadOnlyMemory<byte> Signer { get; }

    /// <summary>Signs the digest of a model.</summary>
    /// <param name="digest">SHA-256 over all that the model is, its card included.</param>
    /// <returns>The signature, 1 to 4096 bytes.</returns>
    ReadOnlyMemory<byte> Sign(ContentDigest digest);
}
