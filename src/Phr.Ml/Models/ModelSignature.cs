namespace Phr.Ml;

/// <summary>Who vouches for a model. Immutable. It proves nothing until an <see cref="IModelVerifier"/> has checked it.</summary>
public sealed class ModelSignature
{
    internal const int MostAlgorithm = 64;
    internal const int MostSigner = 1024;
    internal const int MostValue = 4096;

    private readonly byte[] _signer;
    private readonly byte[] _value;

    /// <summary>Takes copies.</summary>
    /// <param name="algorithm">The name of the way it was made; 1 to 64 printable ASCII characters.</param>
    /// <param name="signer">The public key; 1 to 1024 bytes.</param>
    /// <param name="value">The signature itself; 1 to 4096 bytes.</param>
    /// <exception cref="ArgumentException">One of them is empty, too long, or not as said.</exception>
    public ModelSignature(string algorithm, ReadOnlyMemory<byte> signer, ReadOnlyMemory<byte> value)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        if (algorithm.Length is 0 or > MostAlgorithm || algorithm.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new ArgumentException("The algorithm's name must be 1 to 64 printable ASCII characters.", nameof(algorithm));
        }

        if (signer.Length is 0 or > MostSigner)
        {
            throw new ArgumentException("The signer's key must have 1 to 1024 bytes.", nameof(signer));
        }

        if (value.Length is 0 or > MostValue)
        {
            throw new ArgumentException("The signature must have 1 to 4096 bytes.", nameof(value));
        }

        Algorithm = algorithm;
        _signer = signer.ToArray();
        _value = value.ToArray();
    }

    /// <summary>The name of the way it was made.</summary>
    public string Algorithm { get; }

    /// <summary>The public key that is said to have made it.</summary>
    public ReadOnlyMemory<byte> Signer => _signer;

    /// <summary>The signature itself.</summary>
    public ReadOnlyMemory<byte> Value => _value;

    /// <summary>The algorithm and the start of the key.</summary>
    /// <returns>Such as <c>ecdsa-secp256k1-sha256 by 02faa8b2</c>.</returns>
    public override string ToString() => $"{Algorithm} by {Convert.ToHexStringLower(_signer.AsSpan(0, Math.Min(4, _signer.Length)))}";
}
