using Phr.Crypto;
using Phr.Ml;

namespace Phr.Samples.FullFlow;

/// <summary>Trusts the models of some hospitals, known by their public keys, and no others.</summary>
internal sealed class HospitalModelVerifier(params IReadOnlyList<PublicKey> trusted) : IModelVerifier
{
    public bool Verify(ModelSignature signature, ContentDigest digest) =>
        signature.Algorithm == HospitalModelSigner.Name
        && PublicKey.TryFromBytes(signature.Signer.Span, out PublicKey? key)
        && trusted.Contains(key)
        && Signature.TryFromBytes(signature.Value.Span, out Signature? value)
        && key.Verify(HospitalModelSigner.Message(digest), value);
}
