using System.Security.Cryptography;
using Phr.Shared;

namespace Phr.Crypto.Keys;

/// <summary>Files that only their owner may read, written in full or not at all.</summary>
internal static class PrivateFile
{
    // How often a folder is made again that somebody removes because it is empty.
    private const int Attempts = 16;

    /// <summary>Writes beside the place, flushes to the disk and renames, so that a reader sees the old file or the new one.</summary>
    /// <param name="path">The place.</param>
    /// <param name="bytes">What is to be there.</param>
    /// <param name="cancellationToken">Cancels before the file is in its place.</param>
    /// <param name="replace">Whether a file that is there is replaced.</param>
    /// <param name="flush">Makes the names in a folder durable; null for <see cref="DirectoryFlush"/>.</param>
    /// <exception cref="IOException">There is a file and it may not be replaced, or writing failed.</exception>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken, bool replace = true, Action<string>? flush = null)
    {
        using PreparedFile prepared = await PrepareAsync(path, bytes, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        prepared.Publish(replace);
        foreach (string folder in prepared.Folders)
        {
            (flush ?? DirectoryFlush.Flush)(folder);
        }
    }

    /// <summary>Writes beside the place and flushes to the disk. What comes back is to be published, and its folders flushed, or disposed.</summary>
    /// <exception cref="IOException">Writing failed.</exception>
    public static Task<PreparedFile> PrepareAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        Task.Run(() => Prepare(path, bytes.Span), cancellationToken);

    /// <summary>The folder of a file, and those above it up to one of them.</summary>
    public static IEnumerable<string> FoldersBetween(string path, string top)
    {
        for (string? folder = Path.GetDirectoryName(path); folder is not null && folder.Length >= top.Length; folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }

    private static PreparedFile Prepare(string path, ReadOnlySpan<byte> bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        for (int attempt = 1; ; attempt++)
        {
            PreparedFile? prepared = null;
            try
            {
                prepared = new PreparedFile(path, CreateFolder(Path.GetDirectoryName(path)!));
                using var stream = new FileStream(prepared.Temporary, options);
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
                return prepared;
            }
            catch (DirectoryNotFoundException) when (attempt < Attempts)
            {
                // It was empty, and was removed after the last secret in it.
            }
            catch
            {
                prepared?.Dispose();
                throw;
            }
        }
    }

    /// <summary>Takes a lock among all threads and processes that name the same file; the operating system lets go of it when a process ends.</summary>
    /// <exception cref="IOException">Somebody held it for a minute.</exception>
    public static async Task<IDisposable> LockAsync(string path, CancellationToken cancellationToken)
    {
        CreateFolder(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        long start = TimeProvider.System.GetTimestamp();
        for (int wait = 2; ; wait = Math.Min(wait * 2, 50))
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException e) when (IsBusy(e) && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(1))
            {
                await Task.Delay(1 + RandomNumberGenerator.GetInt32(wait), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // EWOULDBLOCK of Linux and macOS, ERROR_SHARING_VIOLATION of Windows.
    private static bool IsBusy(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    /// <summary>Overwrites a file with zeros and unlinks it.</summary>
    public static bool Erase(string path)
    {
        try
        {
            using (var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            {
                byte[] zeros = new byte[(int)Math.Min(stream.Length, 65_536)];
                for (long left = stream.Length; left > 0; left -= zeros.Length)
                {
                    stream.Write(zeros.AsSpan(0, (int)Math.Min(left, zeros.Length)));
                }

                stream.Flush(flushToDisk: true);
            }

            File.Delete(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }

        string folder = Path.GetDirectoryName(path)!;
        try
        {
            DirectoryFlush.Flush(folder);
        }
        catch (DirectoryNotFoundException)
        {
            // Another erased the last file after this one, and removed the folder.
        }

        return true;
    }

    /// <summary>Removes a folder that has nothing in it.</summary>
    public static void RemoveIfEmpty(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Something is in it, or another was first.
        }
    }

    // Each one that is missing, because the platform gives the mode to the last alone. Gives the highest folder that has something new, or the folder itself.
    private static string CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return folder;
        }

        string changed = Path.GetDirectoryName(folder) is { } parent ? CreateFolder(parent) : folder;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return changed;
    }
}
