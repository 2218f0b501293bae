using System.Net.Http.Headers;
using System.Text;
using Phr.Crypto;

namespace Phr.Oracle.Hosting;

/// <summary>The credential for IPFS nodes, from a file of its own.</summary>
internal static class IpfsCredential
{
    private const int MaxLength = 4096;

    /// <summary>Reads the first line of a file.</summary>
    /// <exception cref="PhrDataException">It is no credential. The message holds nothing of it.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static AuthenticationHeaderValue Read(string path)
    {
        byte[] bytes = new byte[MaxLength + 1];
        int length;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException("The credential file must not be read.", e);
        }

        ReadOnlySpan<byte> line = bytes.AsSpan(0, length);
        int end = line.IndexOfAny((byte)'\r', (byte)'\n');
        line = end < 0 ? line : line[..end];
        if (line.Length > MaxLength)
        {
            throw new PhrDataException("credential file", PhrDataReason.TooLarge, $"its first line has more than {MaxLength} bytes.");
        }

        // A header has no other bytes than these.
        return !line.ContainsAnyExceptInRange((byte)' ', (byte)'~')
            && AuthenticationHeaderValue.TryParse(Encoding.ASCII.GetString(line).Trim(), out AuthenticationHeaderValue? credential) && credential.Parameter is { Length: > 0 }
            ? credential
            : throw new PhrDataException("credential file", PhrDataReason.Malformed, "its first line is not a scheme and a credential, as 'Bearer …'.");
    }
}
