using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Phr.Crypto.Keys;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>Keeps the root secret of an identity or a patient in a file, under a passphrase.</summary>
/// <remarks>
/// <para>
/// A file has 158 bytes: what it is, in the clear and authenticated, and the secret under Argon2id and XChaCha20-Poly1305;
/// <c>docs/key-file-format.md</c> has every byte. It is written beside its place, flushed and renamed, readable by its owner alone from the
/// beginning. Whoever has the file can try passphrases at the cost that <see cref="KeyFileOptions"/> sets, and nothing slows that down: the
/// passphrase must be one that cannot be guessed.
/// </para>
/// <para>
/// A passphrase has 1 to 1,024 UTF-16 units, no control characters and no half surrogate pairs. It is used as UTF-8, exactly as given: letters with
/// accents can be typed in two forms, and a program that takes passphrases from several platforms brings them to one form (NFC) first. It is not
/// kept; working copies are wiped.
/// </para>
/// <para>Cost: one Argon2id of the file's parameters, on a thread of the pool; it cannot be cancelled once begun. Every member is thread safe.</para>
/// </remarks>
public static class KeyFile
{
    /// <summary>The length in bytes of every key file: 158.</summary>
    public const int Length = KeyFileFormat.Length;

    /// <summary>The most UTF-16 units that a passphrase has: 1,024.</summary>
    public const int MaxPassphraseLength = KeyFileFormat.MaxPassphraseLength;

    /// <summary>Writes an identity's root secret into a file.</summary>
    /// <param name="path">The file. Folders that are missing are made, for their owner alone.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="passphrase">The passphrase. The caller wipes it, not before the task ends.</param>
    /// <param name="options">Costs, and whether a file may be replaced; the defaults when null.</param>
    /// <param name="cancellationToken">Cancels; the place is then as it was.</param>
    /// <returns>A task that ends when the file is on the disk.</returns>
    /// <exception cref="ArgumentException">The path is empty, or the passphrase is not one.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="path"/> or <paramref name="keys"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A cost is out of range.</exception>
    /// <exception cref="IOException">There is a file already and the options do not say to replace it, or writing failed.</exception>
    /// <exception cref="CryptographicException">This machine does not have the memory that the options ask for.</exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public static Task SaveAsync(
        string path, IdentityKeys keys, ReadOnlyMemory<char> passphrase, KeyFileOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return SaveAsync(path, KeyFileKind.Identity, keys, passphrase, options ?? new KeyFileOptions(), cancellationToken);
    }

    /// <summary>Writes a patient's recovery secret into a file.</summary>
    /// <inheritdoc cref="SaveAsync(string, IdentityKeys, ReadOnlyMemory{char}, KeyFileOptions?, CancellationToken)"/>
    public static Task SaveAsync(
        string path, PatientKeys keys, ReadOnlyMemory<char> passphrase, KeyFileOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return SaveAsync(path, KeyFileKind.Patient, keys.Identity, passphrase, options ?? new KeyFileOptions(), cancellationToken);
    }

    /// <summary>Opens an identity's key file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">The passphrase. The caller wipes it, not before the task ends.</param>
    /// <param name="cancellationToken">Cancels before the passphrase is worked on.</param>
    /// <returns>The keys. The caller disposes them.</returns>
    /// <exception cref="ArgumentException">The path is null or empty, or the passphrase is not one.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    /// <exception cref="PhrDataException">
    /// The file is no key file, protects a patient's keys (<see cref="PhrDataReason.Mismatched"/>), asks for too much, or does not open: the passphrase
    /// is wrong or the file was altered (<see cref="PhrDataReason.AuthenticationFailed"/>, the two not told apart).
    /// </exception>
    public static async Task<IdentityKeys> LoadIdentityAsync(string path, ReadOnlyMemory<char> passphrase, CancellationToken cancellationToken = default)
    {
        (KeyFileInfo info, SecretBytes root) = await OpenAsync(path, KeyFileKind.Identity, passphrase, cancellationToken).ConfigureAwait(false);
        using (root)
        {
            return IdentityKeys.FromRootSecret(root.Reveal(), info.Actor, info.Generation);
        }
    }

    /// <summary>Opens a patient's key file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">The passphrase. The caller wipes it, not before the task ends.</param>
    /// <param name="cancellationToken">Cancels before the passphrase is worked on.</param>
    /// <returns>The keys. The caller disposes them.</returns>
    /// <exception cref="ArgumentException">The path is null or empty, or the passphrase is not one.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    /// <exception cref="PhrDataException">
    /// The file is no key file, protects an identity's keys (<see cref="PhrDataReason.Mismatched"/>), asks for too much, or does not open: the passphrase
    /// is wrong or the file was altered (<see cref="PhrDataReason.AuthenticationFailed"/>, the two not told apart).
    /// </exception>
    public static async Task<PatientKeys> LoadPatientAsync(string path, ReadOnlyMemory<char> passphrase, CancellationToken cancellationToken = default)
    {
        (KeyFileInfo info, SecretBytes root) = await OpenAsync(path, KeyFileKind.Patient, passphrase, cancellationToken).ConfigureAwait(false);
        using (root)
        {
            return PatientKeys.FromRecoverySecret(root.Reveal(), info.Actor, info.Generation);
        }
    }

    /// <summary>Opens an identity's key file, without an exception for what is in it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">The passphrase. The caller wipes it, not before the task ends.</param>
    /// <param name="cancellationToken">Cancels before the passphrase is worked on.</param>
    /// <returns>The keys, which the caller disposes; or null when the file is not an identity's key file under this passphrase.</returns>
    /// <exception cref="ArgumentException">The path is null or empty, or the passphrase is not one.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static async Task<IdentityKeys?> TryLoadIdentityAsync(string path, ReadOnlyMemory<char> passphrase, CancellationToken cancellationToken = default)
    {
        try
        {
            return await LoadIdentityAsync(path, passphrase, cancellationToken).ConfigureAwait(false);
        }
        catch (PhrDataException)
        {
            return null;
        }
    }

    /// <summary>Opens a patient's key file, without an exception for what is in it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">The passphrase. The caller wipes it, not before the task ends.</param>
    /// <param name="cancellationToken">Cancels before the passphrase is worked on.</param>
    /// <returns>The keys, which the caller disposes; or null when the file is not a patient's key file under this passphrase.</returns>
    /// <exception cref="ArgumentException">The path is null or empty, or the passphrase is not one.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static async Task<PatientKeys?> TryLoadPatientAsync(string path, ReadOnlyMemory<char> passphrase, CancellationToken cancellationToken = default)
    {
        try
        {
            return await LoadPatientAsync(path, passphrase, cancellationToken).ConfigureAwait(false);
        }
        catch (PhrDataException)
        {
            return null;
        }
    }

    /// <summary>Reads what a key file says in the clear. Nothing proves it before the file is opened.</summary>
    /// <param name="path">The file.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="ArgumentException">The path is null or empty.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    /// <exception cref="PhrDataException">The file is no key file, or asks for too much.</exception>
    public static KeyFileInfo Inspect(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return KeyFileFormat.Parse(ReadAll(path));
    }

    /// <summary>Reads what a key file says in the clear, without an exception for what is in it. Nothing proves it before the file is opened.</summary>
    /// <param name="path">The file.</param>
    /// <param name="info">What it says, or null.</param>
    /// <returns>Whether it is a key file.</returns>
    /// <exception cref="ArgumentException">The path is null or empty.</exception>
    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static bool TryInspect(string path, [NotNullWhen(true)] out KeyFileInfo? info)
    {
        try
        {
            info = Inspect(path);
            return true;
        }
        catch (PhrDataException)
        {
            info = null;
            return false;
        }
    }

    private static async Task SaveAsync(
        string path, KeyFileKind kind, IdentityKeys keys, ReadOnlyMemory<char> passphrase, KeyFileOptions options, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MemoryKib, KeyFileOptions.MinMemoryKib, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MemoryKib, KeyFileOptions.MaxMemoryKib, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Passes, KeyFileOptions.MinPasses, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Passes, KeyFileOptions.MaxPasses, nameof(options));
        KeyFileFormat.RequirePassphrase(passphrase.Span);
        bool replace = options.IfExists == ExistingKeyFile.Replace;
        string place = Path.GetFullPath(path);
        if (!replace && Path.Exists(place))
        {
            throw new IOException($"There is already something at '{place}'; a key file replaces it only when the options say so.");
        }

        var info = new KeyFileInfo(kind, keys.Id, keys.Generation, options.MemoryKib, options.Passes);
        byte[] file = await Task.Run(() => Seal(info, keys, passphrase.Span), cancellationToken).ConfigureAwait(false);
        await PrivateFile.WriteAsync(place, file, cancellationToken, replace).ConfigureAwait(false);
    }

    private static byte[] Seal(KeyFileInfo info, IdentityKeys keys, ReadOnlySpan<char> passphrase)
    {
        using var root = new SecretBytes(IdentityKeys.RootSecretLength);
        keys.ExportRootSecret(root.Reveal());
        return KeyFileFormat.Seal(info, root.Reveal(), passphrase, RandomSource.System);
    }

    private static async Task<(KeyFileInfo Info, SecretBytes RootSecret)> OpenAsync(
        string path, KeyFileKind kind, ReadOnlyMemory<char> passphrase, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        KeyFileFormat.RequirePassphrase(passphrase.Span);
        cancellationToken.ThrowIfCancellationRequested();
        byte[] file = ReadAll(path);
        return await Task.Run(() => KeyFileFormat.Open(file, kind, passphrase.Span), cancellationToken).ConfigureAwait(false);
    }

    // One byte more than a key file has is enough to see that it is none.
    private static byte[] ReadAll(string path)
    {
        using FileStream stream = File.OpenRead(path);
        var bytes = new byte[Length + 1];
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes[..read];
    }
}
