using System.Runtime.InteropServices;

namespace Phr.Storage.Files;

/// <summary>Gives a file a further name.</summary>
/// <remarks>.NET has no call for it, so the one of the C library is made here. On Windows nobody is given one.</remarks>
internal static class HardLink
{
    private const int NotPermitted = 1;
    private const int Exists = 17;
    private const int OtherDevice = 18;
    private const int TooManyLinks = 31;

    // ENOSYS and EOPNOTSUPP of Linux, then of macOS.
    private static readonly int[] _unknown = [38, 95, 78, 45, 102];

    /// <summary>What came of a further name.</summary>
    internal enum Outcome
    {
        /// <summary>It is there.</summary>
        Made,

        /// <summary>Something else has that name.</summary>
        IsTaken,

        /// <summary>The file system gives files one name, or this file no further one.</summary>
        IsNotPossible,
    }

    /// <exception cref="IOException">The name could not be written.</exception>
    public static Outcome Make(string file, string name)
    {
        if (OperatingSystem.IsWindows())
        {
            return Outcome.IsNotPossible;
        }

        if (Link(file, name) == 0)
        {
            return Outcome.Made;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == Exists ? Outcome.IsTaken
            : error is NotPermitted or OtherDevice or TooManyLinks || _unknown.Contains(error) ? Outcome.IsNotPossible
            : throw new IOException($"'{name}' could not be written: {Marshal.GetLastPInvokeErrorMessage()}.", error);
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string file, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
