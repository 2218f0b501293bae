using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Phr.Crypto.Keys;
using Phr.Crypto.Memory;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>Keeps secrets as files in a folder, each sealed under a key that only the owner's root secret gives.</summary>
/// <remarks>
/// A file is version (1 byte) || nonce (12) || AES-256-GCM ciphertext || tag (16), with the name as associated data; it is written beside
/// its place, flushed and renamed, and the folders' names are flushed, readable by its owner alone. Erasing overwrites the file before unlinking it; a file system or a disk may
/// still keep older copies. Thread safe, also for several processes of one owner.
/// </remarks>
public sealed class FileSecretStore : ISecretStore, IDisposable
{
    private const string Stage = "stored secret";
    private const byte Version = 1;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const string Extension = "@secret";
    private const string LockName = "adding@lock";
    private const int LargestGroup = 64;

    private readonly string _folder;
    private readonly SecretBytes _key;
    private readonly Action<string> _flush;
    private readonly WorkGroups<PreparedFile, bool> _adding;
    private bool _disposed;

    /// <summary>Opens a store; the folder is made with the first secret.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="owner">The owner's keys, needed here only.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="owner"/> is null.</exception>
    public FileSecretStore(string folder, IdentityKeys owner)
        : this(folder, owner, DirectoryFlush.Flush)
    {
    }

    /// <summary>Opens a store that makes names durable by other means than the platform's.</summary>
    internal FileSecretStore(string folder, IdentityKeys owner, Action<string> flush)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(owner);
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        _flush = flush;
        using SecretBytes derived = owner.DeriveSecret("phr/secret-store/v1"u8);
        _key = new SecretBytes(derived.Reveal()[..32]);
        _adding = new WorkGroups<PreparedFile, bool>(AddAsync, LargestGroup);
    }

    /// <inheritdoc/>
    public async Task PutAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default)
    {
        SecretNames.Require(name, secret);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        await PrivateFile.WriteAsync(PathOf(name), Seal(name, secret.Span), cancellationToken, flush: _flush).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>Processes that share the folder take turns by a lock on one file in it, which the operating system lets go of when a process ends; a network file system must pass such locks on.</remarks>
    /// <exception cref="IOException">Another process held the lock for a minute, or writing failed.</exception>
    public async Task<bool> TryAddAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default)
    {
        SecretNames.Require(name, secret);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        string path = PathOf(name);
        if (File.Exists(path))
        {
            try
            {
                // Who put it there may be about to flush its name, or have failed at that; whoever acts on it now must find it again.
                await Task.Run(() => FoldersAbove(path).ForEach(_flush), cancellationToken).ConfigureAwait(false);
                return false;
            }
            catch (DirectoryNotFoundException)
            {
                // It was erased since, and its folder with it.
            }
        }

        using PreparedFile file = await PrivateFile.PrepareAsync(path, Seal(name, secret.Span), cancellationToken).ConfigureAwait(false);
        return await _adding.DoAsync(file, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<SecretValue?> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        SecretNames.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        byte[]? former = null;
        while (true)
        {
            if (await ReadAsync(PathOf(name), cancellationToken).ConfigureAwait(false) is not { } bytes)
            {
                return null;
            }

            if (TryOpen(name, bytes, out SecretValue? value))
            {
                return value;
            }

            // An erased file is overwritten before it is unlinked; one that somebody is at work on looks otherwise the next time.
            if (bytes.Length >= 1 + NonceLength + TagLength && !bytes.AsSpan().ContainsAnyExcept((byte)0))
            {
                return null;
            }

            if (former is not null && bytes.AsSpan().SequenceEqual(former))
            {
                throw Damaged();
            }

            former = bytes;
        }
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        SecretNames.Require(name);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        string path = PathOf(name);
        bool wasThere = PrivateFile.Erase(path);
        string folder = Path.GetDirectoryName(path)!;
        if (wasThere && Path.GetDirectoryName(folder) != _folder && folder != _folder)
        {
            // Where secrets have a folder each, as deliveries of requests do, empty ones would become more and more.
            PrivateFile.RemoveIfEmpty(folder);
        }

        return Task.FromResult(wasThere);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!Directory.Exists(_folder))
        {
            return Task.FromResult<IReadOnlyList<string>>([]);
        }

        IEnumerable<string> names = Directory.EnumerateFiles(_folder, "*" + Extension, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_folder, path).Replace(Path.DirectorySeparatorChar, '/')[..^Extension.Length])
            .Where(name => SecretNames.IsName(name) && name.StartsWith(prefix, StringComparison.Ordinal));
        return Task.FromResult<IReadOnlyList<string>>([.. names.Order(StringComparer.Ordinal)]);
    }

    /// <summary>Wipes the key in memory. What is stored stays.</summary>
    public void Dispose()
    {
        _disposed = true;
        _key.Dispose();
    }

    /// <summary>The type's name.</summary>
    /// <returns><c>FileSecretStore</c>.</returns>
    public override string ToString() => nameof(FileSecretStore);

    // One turn among the processes for all that are to be added now. What is said of a name, that it is new or that it is not, is said when the name is durable.
    private async Task AddAsync(Func<IReadOnlyList<WorkGroups<PreparedFile, bool>.Member>> take)
    {
        var told = new List<(WorkGroups<PreparedFile, bool>.Member Member, bool IsNew, Exception? Fault)>();
        using (await PrivateFile.LockAsync(Path.Combine(_folder, LockName), CancellationToken.None).ConfigureAwait(false))
        {
            foreach (WorkGroups<PreparedFile, bool>.Member member in take())
            {
                bool isNew = !File.Exists(member.Work.Path);
                told.Add((member, isNew, isNew ? FaultOf(() => member.Work.Publish(replace: false)) : null));
            }

            var flushed = new Dictionary<string, Exception?>(StringComparer.Ordinal);
            for (int i = 0; i < told.Count; i++)
            {
                foreach (string folder in told[i].Fault is null ? FoldersAbove(told[i].Member.Work.Path).Union(told[i].Member.Work.Folders, StringComparer.Ordinal) : [])
                {
                    if (!flushed.TryGetValue(folder, out Exception? fault))
                    {
                        flushed[folder] = fault = FaultOf(() => _flush(folder));
                    }

                    told[i] = told[i] with { Fault = told[i].Fault ?? fault };
                }
            }
        }

        foreach ((WorkGroups<PreparedFile, bool>.Member member, bool isNew, Exception? fault) in told)
        {
            if (fault is null)
            {
                member.Complete(isNew);
            }
            else
            {
                member.Fail(fault);
            }
        }
    }

    // What one of a group meets is not the others'.
    private static Exception? FaultOf(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e;
        }
    }

    // The file's folder and the one above it, which has the folder's own name: who finds the folder there may be ahead of the one who made it.
    private List<string> FoldersAbove(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        return folder == _folder ? [folder] : [folder, Path.GetDirectoryName(folder)!];
    }

    private static async Task<byte[]?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var file = new FileInfo(path);
            return !file.Exists ? null
                : file.Length > 1 + NonceLength + TagLength + ISecretStore.MaxSecretLength ? throw Damaged()
                : await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private bool TryOpen(string name, byte[] bytes, [NotNullWhen(true)] out SecretValue? value)
    {
        value = null;
        if (bytes.Length < 1 + NonceLength + TagLength || bytes[0] != Version)
        {
            return false;
        }

        byte[] plaintext = GC.AllocateArray<byte>(bytes.Length - 1 - NonceLength - TagLength, pinned: true);
        try
        {
            using var aes = new AesGcm(_key.Reveal(), TagLength);
            aes.Decrypt(bytes.AsSpan(1, NonceLength), bytes.AsSpan(1 + NonceLength, plaintext.Length), bytes.AsSpan(bytes.Length - TagLength), plaintext, Encoding.UTF8.GetBytes(name));
            value = new SecretValue(plaintext);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private byte[] Seal(string name, ReadOnlySpan<byte> secret)
    {
        byte[] bytes = new byte[1 + NonceLength + secret.Length + TagLength];
        bytes[0] = Version;
        Span<byte> nonce = bytes.AsSpan(1, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key.Reveal(), TagLength);
        aes.Encrypt(nonce, secret, bytes.AsSpan(1 + NonceLength, secret.Length), bytes.AsSpan(bytes.Length - TagLength), Encoding.UTF8.GetBytes(name));
        return bytes;
    }

    private static PhrDataException Damaged() =>
        new(Stage, PhrDataReason.AuthenticationFailed, "it was altered, or belongs to another owner or name.");

    // No name has the extension's first character, so a secret is never where another's folder is.
    private string PathOf(string name) => Path.Combine(_folder, name.Replace('/', Path.DirectorySeparatorChar)) + Extension;
}
