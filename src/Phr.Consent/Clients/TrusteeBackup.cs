using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Between a trustee's secret store and its list of recovery words: collects what is to be written down, and puts it back.</summary>
/// <remarks>Together with <see cref="TrusteeRecovery"/>. Thread safe; the client whose store it is should be idle.</remarks>
public static class TrusteeBackup
{
    private const string MemoryName = "trustee-memory";

    /// <summary>Collects what a trustee remembers of the bundles whose dealings it acknowledged.</summary>
    /// <param name="identity">The trustee.</param>
    /// <param name="secrets">Its secret store.</param>
    /// <param name="options">Null for the defaults: without the epoch keys.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The memory, for <see cref="TrusteeRecovery.ToWords"/>. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="identity"/> or <paramref name="secrets"/> is null.</exception>
    /// <exception cref="InvalidOperationException">There are more bundles than a list of words holds.</exception>
    /// <exception cref="PhrDataException">The store was altered.</exception>
    /// <remarks>What an earlier list brought back, and the trustee has not met again since, is kept.</remarks>
    public static async Task<TrusteeMemory> CollectAsync(IdentityKeys identity, ISecretStore secrets, TrusteeBackupOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(secrets);
        bool withKeys = options?.IncludeEpochKeys ?? false;
        using TrusteeMemory? earlier = await LoadAsync(secrets, cancellationToken).ConfigureAwait(false);
        using TrusteeMemory? kept = withKeys ? null : earlier?.WithoutEpochKeys();
        var bundles = new List<EpochMemory>();
        try
        {
            const string prefix = "patient/";
            foreach (string name in await secrets.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
            {
                if (BundleId.TryParse(name[prefix.Length..], out BundleId bundle))
                {
                    EpochMemory memory = await CollectAsync(secrets, bundle, withKeys, cancellationToken).ConfigureAwait(false);

                    // The key that an earlier list brought back is in no other place.
                    bundles.Add(withKeys && memory.EpochKey is null && earlier?.FindEpochKey(identity, bundle, memory.Epoch) is { } key
                        ? new EpochMemory(bundle, memory.Epoch, memory.PatientKey, key)
                        : memory);
                }
            }

            return TrusteeMemory.Create(identity, bundles, kept ?? earlier);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw TooMany();
        }
        finally
        {
            bundles.ForEach(b => b.EpochKey?.Dispose());
        }
    }

    /// <summary>Puts back what a list of words remembers. A client on this store then refuses older epochs and other patients' keys, and finds the epoch keys, if the list had them.</summary>
    /// <param name="trustee">The trustee as its list gave it back.</param>
    /// <param name="secrets">The secret store of the restored trustee.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the memory is kept.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="trustee"/> or <paramref name="secrets"/> is null.</exception>
    /// <exception cref="InvalidOperationException">With what an earlier list brought back there are more bundles than a list holds.</exception>
    /// <exception cref="PhrDataException">The store was altered.</exception>
    /// <remarks>What an earlier list brought back is kept: of a bundle that both have, the higher epoch.</remarks>
    public static async Task RestoreAsync(RecoveredTrustee trustee, ISecretStore secrets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(trustee);
        ArgumentNullException.ThrowIfNull(secrets);

        // An older list, restored after a later one, must not bring older epochs back.
        using TrusteeMemory? earlier = await LoadAsync(secrets, cancellationToken).ConfigureAwait(false);
        try
        {
            using TrusteeMemory? both = earlier is null ? null : trustee.Memory.Merge(earlier);
            await StoreAsync(both ?? trustee.Memory, secrets, cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw TooMany();
        }
    }

    /// <summary>Replaces what is remembered of a bundle when a later epoch is active, so that an epoch key that was written down is not kept beyond its epoch.</summary>
    internal static async Task ForgetOlderAsync(ISecretStore secrets, IdentityKeys identity, Dealing dealing, CancellationToken cancellationToken)
    {
        using TrusteeMemory? memory = await LoadAsync(secrets, cancellationToken).ConfigureAwait(false);
        if (memory?.Find(identity, dealing.BundleId, dealing.PatientKey) is { } remembered && remembered.Epoch < dealing.Epoch)
        {
            using TrusteeMemory later = TrusteeMemory.Create(identity, [new EpochMemory(dealing.BundleId, dealing.Epoch, dealing.PatientKey)], memory);
            await StoreAsync(later, secrets, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task StoreAsync(TrusteeMemory memory, ISecretStore secrets, CancellationToken cancellationToken)
    {
        byte[] bytes = GC.AllocateArray<byte>(memory.Length, pinned: true);
        try
        {
            memory.ExportTo(bytes);
            await secrets.PutAsync(MemoryName, bytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>What a list of words remembers of a dealing's bundle; null when there is no list, or nothing in it.</summary>
    internal static async Task<RememberedEpoch?> RecallAsync(ISecretStore secrets, IdentityKeys identity, Dealing dealing, CancellationToken cancellationToken)
    {
        using TrusteeMemory? memory = await LoadAsync(secrets, cancellationToken).ConfigureAwait(false);
        return memory?.Find(identity, dealing.BundleId, dealing.PatientKey);
    }

    /// <summary>The envelope key that a list of words brought back, or null. The caller disposes it.</summary>
    internal static async Task<SecretKey?> RecallKeyAsync(ISecretStore secrets, IdentityKeys identity, BundleId bundle, uint epoch, CancellationToken cancellationToken)
    {
        using TrusteeMemory? memory = await LoadAsync(secrets, cancellationToken).ConfigureAwait(false);
        return memory?.FindEpochKey(identity, bundle, epoch);
    }

    private static async Task<EpochMemory> CollectAsync(ISecretStore secrets, BundleId bundle, bool withKey, CancellationToken cancellationToken)
    {
        using SecretValue? patient = await secrets.GetAsync($"patient/{bundle}", cancellationToken).ConfigureAwait(false);
        using SecretValue? seen = await secrets.GetAsync($"epoch/{bundle}", cancellationToken).ConfigureAwait(false);
        uint epoch = seen is null ? 0 : BinaryPrimitives.ReadUInt32BigEndian(seen.Bytes);
        SecretKey? key = null;
        if (withKey)
        {
            // Before the first approval no epoch counts as seen, and the oldest key is the active one's.
            epoch = epoch > 0 ? epoch : await OldestKeyAsync(secrets, bundle, cancellationToken).ConfigureAwait(false);
            using SecretValue? stored = await secrets.GetAsync($"epoch-key/{bundle}/{epoch}", cancellationToken).ConfigureAwait(false);
            key = stored is null ? null : SecretKey.FromBytes(stored.Bytes);
        }

        return new EpochMemory(bundle, epoch, PublicKey.FromBytes(patient!.Bytes), key);
    }

    private static async Task<uint> OldestKeyAsync(ISecretStore secrets, BundleId bundle, CancellationToken cancellationToken)
    {
        string prefix = $"epoch-key/{bundle}/";
        uint oldest = 0;
        foreach (string name in await secrets.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            if (uint.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out uint epoch) && (oldest == 0 || epoch < oldest))
            {
                oldest = epoch;
            }
        }

        return oldest;
    }

    private static async Task<TrusteeMemory?> LoadAsync(ISecretStore secrets, CancellationToken cancellationToken)
    {
        using SecretValue? stored = await secrets.GetAsync(MemoryName, cancellationToken).ConfigureAwait(false);
        return stored is null ? null : TrusteeMemory.FromBytes(stored.Bytes);
    }

    private static InvalidOperationException TooMany() => new($"A list of words remembers at most {TrusteeMemory.MaxBundles} bundles; keep a copy of the secret store's folder instead.");
}
