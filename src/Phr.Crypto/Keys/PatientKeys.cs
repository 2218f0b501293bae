using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>A patient's keys: an identity, and the delegating key of every document the patient ever seals, all from one recovery secret.</summary>
/// <remarks>
/// Whoever has the recovery secret reads everything the patient sealed. It leaves this object only for a key file or to be split among
/// guardians. Thread safe until disposed.
/// </remarks>
[DebuggerDisplay("PatientKeys {Identity.Id}")]
public sealed class PatientKeys : IDisposable
{
    /// <summary>Length in bytes of the recovery secret: 32.</summary>
    public const int RecoverySecretLength = IdentityKeys.RootSecretLength;

    private readonly SecretKeyFactory _bundles;

    private PatientKeys(IdentityKeys identity)
    {
        Identity = identity;
        _bundles = identity.DeriveFactory("bundle"u8);
    }

    /// <summary>The patient as an actor. Owned by this object.</summary>
    public IdentityKeys Identity { get; }

    /// <summary>The identity's public keys.</summary>
    public IdentityPublicKeys PublicKeys => Identity.PublicKeys;

    /// <summary>Makes a new patient with a recovery secret from the system generator.</summary>
    /// <returns>The keys. The caller disposes them.</returns>
    public static PatientKeys Generate() => Create(IdentityKeys.Generate());

    /// <summary>Derives the keys of a recovery secret. The caller wipes <paramref name="recoverySecret"/>.</summary>
    /// <param name="recoverySecret">32 bytes.</param>
    /// <param name="actor">The patient's id, when this is not the secret it first registered with; else null.</param>
    /// <param name="generation">Which generation of identity keys, 0..65,535; 0 by default.</param>
    /// <returns>The keys. The caller disposes them.</returns>
    /// <exception cref="ArgumentException"><paramref name="recoverySecret"/> is not 32 bytes.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="generation"/> is out of range.</exception>
    public static PatientKeys FromRecoverySecret(ReadOnlySpan<byte> recoverySecret, ActorId? actor = null, int generation = 0) =>
        recoverySecret.Length == RecoverySecretLength
            ? Create(IdentityKeys.FromRootSecret(recoverySecret, actor, generation))
            : throw new ArgumentException($"A recovery secret has {RecoverySecretLength} bytes.", nameof(recoverySecret));

    /// <summary>Derives the next generation: new identity keys and the same delegating keys.</summary>
    /// <returns>The keys. The caller disposes them.</returns>
    /// <exception cref="InvalidOperationException">This is the last generation.</exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public PatientKeys Renew() => Create(Identity.Renew());

    /// <summary>Derives the delegating key of one document: one key, one capsule, one content.</summary>
    /// <param name="bundle">The bundle, by its random id.</param>
    /// <param name="document">The document, by its random id, new for every version and every attempt to seal.</param>
    /// <returns>The key. The caller disposes it.</returns>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    /// <remarks>
    /// The factory of the recovery secret makes a factory labelled <c>bundle</c>, that one a factory labelled with the bundle id (32 bytes), and
    /// that one the key labelled with the document id (16 bytes). Source: Umbral specification §5. It does not depend on the generation.
    /// </remarks>
    public SecretKey DeriveDelegatingKey(BundleId bundle, DocumentId document)
    {
        using SecretKeyFactory factory = _bundles.MakeFactory(bundle.ToBytes());
        return factory.MakeKey(document.ToBytes());
    }

    /// <summary>Derives the key of one search index: 64 bytes. The caller disposes it. Source: docs/search-format.md §4. It does not depend on the generation.</summary>
    internal SecretBytes DeriveSearchKey(BundleId bundle, long epoch, ReadOnlySpan<byte> salt)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, (uint)epoch);
        using SecretKeyFactory factory = _bundles.MakeFactory(bundle.ToBytes());
        return factory.MakeSecret([.. "phr/search/v1"u8, .. number, .. salt]);
    }

    /// <summary>Copies the recovery secret out, for storage under protection. The caller wipes the copy.</summary>
    /// <param name="destination">At least 32 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public void ExportRecoverySecret(Span<byte> destination) => Identity.ExportRootSecret(destination);

    /// <summary>Wipes every key and the recovery secret.</summary>
    public void Dispose()
    {
        _bundles.Dispose();
        Identity.Dispose();
    }

    /// <summary>The type's name; never a key.</summary>
    /// <returns><c>PatientKeys</c>.</returns>
    public override string ToString() => nameof(PatientKeys);

    private static PatientKeys Create(IdentityKeys identity)
    {
        try
        {
            return new PatientKeys(identity);
        }
        catch
        {
            identity.Dispose();
            throw;
        }
    }
}
