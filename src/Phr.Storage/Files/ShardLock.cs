using System.Security.Cryptography;

namespace Phr.Storage.Files;

/// <summary>
/// One writer at a time in a shard, among all threads and processes. The operating system lets go of it when a process dies.
/// </summary>
internal static class ShardLock
{
    private const int LongestWaitMilliseconds = 50;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static async Task<IDisposable> AcquireAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        for (int wait = 2; ; wait = Math.Min(wait * 2, LongestWaitMilliseconds))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException e) when (IsBusy(e))
            {
                if (time.GetElapsedTime(start) > _patience)
                {
                    throw Error.LockBusy(path, e);
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1 + RandomNumberGenerator.GetInt32(wait)), time, cancellationToken);
        }
    }

    /// <summary>Whether another handle holds the file: EWOULDBLOCK of Linux and macOS, ERROR_SHARING_VIOLATION of Windows.</summary>
    public static bool IsBusy(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);
}
