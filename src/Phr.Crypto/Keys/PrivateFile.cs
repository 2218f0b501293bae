using System.Security.Cryptography;
using Phr.Shared;

namespace Phr.Crypto.Keys;

/// <summary>Files that only their owner may read, written in full or not at all.</summary>
internal static class PrivateFile
{
    /// <summary>Writes beside the place, flushes to the disk and renames, so that a reader sees the old file or the new one.</summary>
    /// <exception cref="IOException">There is a file and it may not be replaced, or writing failed.</exception>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken, bool replace = true)
    {
        using PreparedFile prepared = await PrepareAsync(path, bytes, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        prepared.Publish(replace);
        DirectoryFlush.Flush(prepared.Folder);
    }

    /// <summary>Writes beside the place and flushes to the disk. What comes back is to be published, and its folder flushed, or disposed.</summary>
    /// <exception cref="IOException">Writing failed.</exception>
    public static Task<PreparedFile> PrepareAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        Task.Run(() => Prepare(path, bytes.Span), cancellationToken);

    private static PreparedFile Prepare(string path, ReadOnlySpan<byte> bytes)
    {
        CreateFolder(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var prepared = new PreparedFile(path);
        try
        {
            using var stream = new FileStream(prepared.Temporary, options);
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
            return prepared;
        }
        catch
        {
            prepared.Dispose();
            throw;
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
            DirectoryFlush.Flush(Path.GetDirectoryName(path)!);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    // Each one that is missing, because the platform gives the mode to the last alone.
    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        if (Path.GetDirectoryName(folder) is { } parent)
        {
            CreateFolder(parent);
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
