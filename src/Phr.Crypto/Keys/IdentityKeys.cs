using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>Every secret key of one person, organisation or oracle, derived from one 32-byte root secret.</summary>
/// <remarks>
/// <para>
/// The keys are separate: each serves one purpose. They come from the root by <see cref="SecretKeyFactory"/> under fixed labels
/// (<c>docs/key-file-format.md</c>), so the root alone is backed up. The next generation of an identity has other keys from the same root
/// and keeps its <see cref="Id"/>; use it when a key may have leaked but the root has not.
/// </para>
/// <para>Cost: five base multiplications when created. Thread safe until disposed; <see cref="Id"/> and <see cref="PublicKeys"/> stay usable.</para>
/// </remarks>
[DebuggerDisplay("IdentityKeys {Id}")]
public sealed class IdentityKeys : IDisposable
{
    /// <summary>Length in bytes of the root secret: 32.</summary>
    public const int RootSecretLength = SecretKeyFactory.SeedLength;

    /// <summary>The highest generation: 65,535.</summary>
    public const int MaxGeneration = ushort.MaxValue;

    private readonly SecretKeyFactory _root;
    private readonly SecretKey _ledgerKey;
    private readonly SecretKey _envelopeKey;
    private readonly SecretKey _receivingKey;
    private readonly Signer _signer;
    private readonly Signer _objectSigner;
    private bool _disposed;

    private IdentityKeys(SecretKeyFactory root, ActorId? actor, int generation)
    {
        _root = root;
        Generation = generation;
        using SecretKeyFactory keys = FactoryOf(root, generation);
        _ledgerKey = keys.MakeKey("ledger"u8);
        _signer = new Signer(keys.MakeKey("signer"u8));
        _objectSigner = new Signer(keys.MakeKey("object"u8));
        _envelopeKey = keys.MakeKey("envelope"u8);
        _receivingKey = keys.MakeKey("receiving"u8);
        Id = actor ?? FirstAddress();
        PublicKeys = new IdentityPublicKeys(
            Id, _ledgerKey.PublicKey, _signer.VerifyingKey, _objectSigner.VerifyingKey, _envelopeKey.PublicKey, _receivingKey.PublicKey);
    }

    /// <summary>The name on the ledger: the address of the ledger key it first registered with, which stays when keys are replaced.</summary>
    public ActorId Id { get; }

    /// <summary>How often the keys were renewed from the same root: 0 at first, at most <see cref="MaxGeneration"/>.</summary>
    public int Generation { get; }

    /// <summary>The public keys.</summary>
    public IdentityPublicKeys PublicKeys { get; }

    /// <summary>Signs ledger commands. Owned by this object.</summary>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public SecretKey LedgerKey => Alive(_ledgerKey);

    /// <summary>Umbral's signer, for key fragments and nothing else. Owned by this object.</summary>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public Signer Signer => Alive(_signer);

    /// <summary>Signs headers, dealings, records, approvals and deliveries. Owned by this object.</summary>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public Signer ObjectSigner => Alive(_objectSigner);

    /// <summary>Opens envelopes. Owned by this object.</summary>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public SecretKey EnvelopeKey => Alive(_envelopeKey);

    /// <summary>The long-term receiving key. A request has a fresh one of its own. Owned by this object.</summary>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public SecretKey ReceivingKey => Alive(_receivingKey);

    /// <summary>Makes a new identity with a root secret from the system generator.</summary>
    /// <returns>The keys. The caller disposes them.</returns>
    public static IdentityKeys Generate() => Create(SecretKeyFactory.Generate(), null, 0);

    /// <summary>Makes new keys, with a new root secret, for an actor whose root was lost or leaked.</summary>
    /// <param name="actor">The actor whose ledger key these keys replace.</param>
    /// <returns>The keys. The caller disposes them.</returns>
    public static IdentityKeys GenerateFor(ActorId actor) => Create(SecretKeyFactory.Generate(), actor, 0);

    /// <summary>Derives the keys of a root secret. The caller wipes <paramref name="rootSecret"/>.</summary>
    /// <param name="rootSecret">32 bytes.</param>
    /// <param name="actor">The actor, when the root is not the one it first registered with; else null.</param>
    /// <param name="generation">Which generation of keys, 0..65,535; 0 by default.</param>
    /// <returns>The keys. The caller disposes them.</returns>
    /// <exception cref="ArgumentException"><paramref name="rootSecret"/> is not 32 bytes.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="generation"/> is out of range.</exception>
    public static IdentityKeys FromRootSecret(ReadOnlySpan<byte> rootSecret, ActorId? actor = null, int generation = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(generation);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(generation, MaxGeneration);
        return rootSecret.Length == RootSecretLength
            ? Create(SecretKeyFactory.FromSeed(rootSecret), actor, generation)
            : throw new ArgumentException($"A root secret has {RootSecretLength} bytes.", nameof(rootSecret));
    }

    /// <summary>Derives the next generation: new keys from the same root, the same <see cref="Id"/>. The ledger must learn of the new ledger key.</summary>
    /// <returns>The keys. The caller disposes them, and these when they are no longer needed.</returns>
    /// <exception cref="InvalidOperationException">This is the last generation.</exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public IdentityKeys Renew()
    {
        if (Generation == MaxGeneration)
        {
            throw new InvalidOperationException("This identity has used its last generation of keys.");
        }

        Span<byte> root = stackalloc byte[RootSecretLength];
        try
        {
            ExportRootSecret(root);
            return FromRootSecret(root, Id, Generation + 1);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(root);
        }
    }

    /// <summary>Derives an identity that nobody can link to this one: a patient uses one per bundle, a trustee one per patient.</summary>
    /// <param name="context">What it is for, for example a bundle id; any bytes, not secret.</param>
    /// <returns>The keys. The caller disposes them.</returns>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    /// <remarks>Its root is derived from this root; it needs no backup of its own.</remarks>
    public IdentityKeys DerivePersona(ReadOnlySpan<byte> context)
    {
        using SecretBytes secret = DeriveSecret("phr/persona/v1"u8, context);
        return FromRootSecret(secret.Reveal()[..RootSecretLength]);
    }

    /// <summary>Copies the root secret out, for storage under protection. The caller wipes the copy.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public void ExportRootSecret(Span<byte> destination) => _root.ExportTo(destination);

    /// <summary>Wipes every key and the root secret.</summary>
    public void Dispose()
    {
        _disposed = true;
        _root.Dispose();
        _ledgerKey.Dispose();
        _signer.Dispose();
        _objectSigner.Dispose();
        _envelopeKey.Dispose();
        _receivingKey.Dispose();
    }

    /// <summary>The type's name; never a key.</summary>
    /// <returns><c>IdentityKeys</c>.</returns>
    public override string ToString() => nameof(IdentityKeys);

    /// <summary>64 secret bytes from the root for a use of its own; the same in every generation. The caller disposes them.</summary>
    internal SecretBytes DeriveSecret(ReadOnlySpan<byte> use, ReadOnlySpan<byte> context = default)
    {
        using SecretKeyFactory factory = _root.MakeFactory(use);
        return factory.MakeSecret(context);
    }

    /// <summary>A factory under the root for a use of its own. The caller disposes it.</summary>
    internal SecretKeyFactory DeriveFactory(ReadOnlySpan<byte> label) => _root.MakeFactory(label);

    /// <summary>The ledger key of one generation of a root. The caller disposes it.</summary>
    internal static SecretKey MakeLedgerKey(SecretKeyFactory root, int generation)
    {
        using SecretKeyFactory keys = FactoryOf(root, generation);
        return keys.MakeKey("ledger"u8);
    }

    private static IdentityKeys Create(SecretKeyFactory root, ActorId? actor, int generation)
    {
        try
        {
            return new IdentityKeys(root, actor, generation);
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    // Generation g is the factory labelled "phr/identity/v1" || be16(g).
    private static SecretKeyFactory FactoryOf(SecretKeyFactory root, int generation) =>
        root.MakeFactory([.. "phr/identity/v1"u8, (byte)(generation >> 8), (byte)(generation & 0xFF)]);

    private ActorId FirstAddress()
    {
        if (Generation == 0)
        {
            return ActorId.FromPublicKey(_ledgerKey.PublicKey);
        }

        using SecretKey key = MakeLedgerKey(_root, 0);
        return ActorId.FromPublicKey(key.PublicKey);
    }

    private T Alive<T>(T key)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return key;
    }
}
