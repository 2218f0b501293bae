namespace Phr.Ml;

/// <summary>Decides whether a model's signature proves that someone trusted made it. The library brings no implementation: whom to trust is the application's.</summary>
public interface IModelVerifier
{
    /// <summary>Checks a signature, before anything else of the model is read.</summary>
    /// <param name="signature">As it stands in the file: hostile until this says otherwise.</param>
    /// <param name="digest">What must have been signed.</param>
    /// <returns>True only when the signature is right and its signer is one to trust.</returns>
    bool Verify(ModelSignature signature, ContentDigest digest);
}
