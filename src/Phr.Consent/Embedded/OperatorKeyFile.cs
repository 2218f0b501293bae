using System.Security.Cryptography;
using Phr.Crypto;

namespace Phr.Consent.Embedded;

/// <summary>
/// The operator's key beside the database, readable by its owner alone: "phr/operator-key/v1", a zero byte, the 32 key bytes.
/// It is a file of its own so that a copy of the database can be handed to an auditor, or backed up, without the key.
/// </summary>
internal static class OperatorKeyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static ReadOnlySpan<byte> Prefix => "phr/operator-key/v1\0"u8;

    public static string PathFor(string databasePath) => databasePath + ".operator";

    /// <summary>The key, or null when there is no such file.</summary>
    public static SecretKey? TryRead(string path)
    {
        Span<byte> bytes = stackalloc byte[Prefix.Length + SecretKey.Length + 1];
        try
        {
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, BufferSize = 0 });
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length == bytes.Length - 1 && bytes.StartsWith(Prefix) && SecretKey.TryFromBytes(bytes[Prefix.Length..length], out SecretKey? key)
                ? key
                : throw new PhrDataException("operator key", PhrDataReason.Malformed, $"the file {path} is not an operator's key file.");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Writes the file whole or not at all. Called while the database is locked, so never by two processes at once.</summary>
    public static void Write(string path, SecretKey key)
    {
        string temporary = path + ".new";
        File.Delete(temporary);
        Span<byte> bytes = stackalloc byte[Prefix.Length + SecretKey.Length];
        try
        {
            Prefix.CopyTo(bytes);
            key.ExportTo(bytes[Prefix.Length..]);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            using (var file = new FileStream(temporary, options))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            // The database's first commit follows and syncs the directory, which both files share.
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Creates an empty file for the owner alone, unless there is one; SQLite gives its side files the same permission.</summary>
    public static void CreateOwnerOnly(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        new FileStream(path, options).Dispose();
    }
}
