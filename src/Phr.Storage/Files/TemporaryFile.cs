using Microsoft.Win32.SafeHandles;

namespace Phr.Storage.Files;

/// <summary>A file under <c>tmp/</c> that becomes part of the store by a rename, or is deleted.</summary>
/// <remarks>While it is open it is locked, which tells others that its writer lives.</remarks>
internal sealed class TemporaryFile : IDisposable
{
    private const int BufferLength = 131_072;

    private readonly FileStream _stream;
    private readonly Action<string, SafeFileHandle> _flush;
    private bool _gone;

    /// <summary>Makes the file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="flush">Makes its bytes durable.</param>
    /// <param name="isWrittenWhole">Whether all of it comes at once, so that nothing need be gathered.</param>
    public TemporaryFile(string path, Action<string, SafeFileHandle> flush, bool isWrittenWhole = false)
    {
        (FilePath, _flush) = (path, flush);
        _stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, isWrittenWhole ? 0 : BufferLength);
    }

    public string FilePath { get; }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => _stream.WriteAsync(bytes, cancellationToken);

    public void Write(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Writes all of the file, in one call.</summary>
    public void WriteAll(IReadOnlyList<ReadOnlyMemory<byte>> pieces) => RandomAccess.Write(_stream.SafeFileHandle, pieces, 0);

    public void WriteAt(long offset, ReadOnlySpan<byte> bytes)
    {
        _stream.Flush();
        RandomAccess.Write(_stream.SafeFileHandle, bytes, offset);
    }

    /// <summary>Makes the bytes durable and closes the file.</summary>
    /// <remarks>
    /// The lock ends here and not after the rename: .NET has every reader ask for a shared lock, and a reader of the object that this file
    /// replaces must not be turned away. From here to the rename the file's age alone protects it.
    /// </remarks>
    public void Seal()
    {
        _stream.Flush();
        _flush(FilePath, _stream.SafeFileHandle);
        _stream.Dispose();
    }

    public void MoveTo(string path)
    {
        File.Move(FilePath, path, overwrite: true);
        _gone = true;
    }

    public void Dispose()
    {
        if (_gone)
        {
            return;
        }

        _gone = true;
        try
        {
            _stream.Dispose();
        }
        finally
        {
            File.Delete(FilePath);
        }
    }

    /// <summary>Deletes files in <paramref name="folder"/> whose writers are gone since <paramref name="before"/>.</summary>
    public static void DeleteAbandoned(string folder, DateTimeOffset before)
    {
        foreach (string path in Directory.EnumerateFiles(folder))
        {
            try
            {
                if (File.GetLastWriteTimeUtc(path) > before.UtcDateTime)
                {
                    continue;
                }

                if (path.EndsWith(StorePaths.BlocksSuffix, StringComparison.Ordinal))
                {
                    // It may be one more name of blocks that somebody reads now, whom a lock would turn away. Its writer, should it live and stand still, will fail to give it names.
                    File.Delete(path);
                    continue;
                }

                using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0))
                {
                    File.Delete(path);
                }
            }
            catch (FileNotFoundException)
            {
                // Its writer, or another cleaner, was first.
            }
            catch (IOException e) when (ShardLock.IsBusy(e))
            {
                // Its writer lives.
            }
        }
    }
}
