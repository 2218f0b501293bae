using Phr.Crypto;
using Phr.Ml;

namespace Phr.Samples.FullFlow;

/// <summary>Signs a model with a Phr key: ECDSA on secp256k1 over SHA-256 of a domain and the model's digest.</summary>
internal sealed class HospitalModelSigner(Signer signer) : IModelSigner
{
    public const string Name = "phr-ecdsa-secp256k1-sha256";

    public string Algorithm => Name;

    public ReadOnlyMemory<byte> Signer => signer.VerifyingKey.ToBytes();

    public ReadOnlyMemory<byte> Sign(ContentDigest digest) => signer.Sign(Message(digest)).ToBytes();

    public static byte[] Message(ContentDigest digest) => [.. "phr/model-signature/v1\0"u8, .. digest.ToBytes()];
}
