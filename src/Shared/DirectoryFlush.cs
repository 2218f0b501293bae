using System.Runtime.InteropServices;

namespace Phr.Shared;

/// <summary>Makes the names in a folder durable, as fsync of a file makes its bytes.</summary>
/// <remarks>
/// A rename is atomic at once but durable only when the folder that holds the name is flushed. .NET cannot do that: it refuses to open a
/// folder as a file (checked: <c>File.OpenHandle</c> throws), so three calls of the C library are made here. Windows has no such call
/// and needs none: NTFS journals names.
/// </remarks>
internal static class DirectoryFlush
{
    private const int ReadOnly = 0;
    private const int CloseOnExecLinux = 0x80000;
    private const int NoEntry = 2;

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">It could not be flushed.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(folder, OperatingSystem.IsLinux() ? ReadOnly | CloseOnExecLinux : ReadOnly);
        if (descriptor < 0)
        {
            throw Failed(folder);
        }

        try
        {
            if (Fsync(descriptor) != 0)
            {
                throw Failed(folder);
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string folder)
    {
        // ENOENT, of Linux and macOS.
        bool isMissing = Marshal.GetLastPInvokeError() == NoEntry;
        string message = $"The folder '{folder}' could not be flushed to disk: {Marshal.GetLastPInvokeErrorMessage()}.";
        return isMissing ? new DirectoryNotFoundException(message) : new IOException(message);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);
}
