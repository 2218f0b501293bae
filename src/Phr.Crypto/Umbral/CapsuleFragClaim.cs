namespace Phr.Crypto;

/// <summary>A capsule fragment with what it is to be verified against, for <see cref="CapsuleFrag.VerifyMany(IReadOnlyList{CapsuleFragClaim})"/>.</summary>
/// <remarks>Holds no secret. Immutable and thread safe.</remarks>
public sealed class CapsuleFragClaim
{
    private readonly CapsuleFrag _capsuleFrag = null!;
    private readonly Capsule _capsule = null!;
    private readonly PublicKey _verifyingKey = null!, _delegatingKey = null!, _receivingKey = null!;

    /// <summary>The fragment, as it came from the proxy.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required CapsuleFrag CapsuleFrag
    {
        get => _capsuleFrag;
        init => _capsuleFrag = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The capsule that was to be re-encrypted.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required Capsule Capsule
    {
        get => _capsule;
        init => _capsule = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The delegator's verifying key.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required PublicKey VerifyingKey
    {
        get => _verifyingKey;
        init => _verifyingKey = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The delegating key.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required PublicKey DelegatingKey
    {
        get => _delegatingKey;
        init => _delegatingKey = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The receiving key.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public required PublicKey ReceivingKey
    {
        get => _receivingKey;
        init => _receivingKey = value ?? throw new ArgumentNullException(nameof(value));
    }
}
