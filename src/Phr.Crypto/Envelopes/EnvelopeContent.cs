using System.Diagnostics;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>What an envelope held. It owns the bytes and wipes them when disposed.</summary>
/// <remarks>Thread safe until disposed.</remarks>
[DebuggerDisplay("{Length} bytes")]
public sealed class EnvelopeContent : IDisposable
{
    private readonly SecretBytes _padded;

    internal EnvelopeContent(SecretBytes padded, int length)
    {
        _padded = padded;
        Length = length;
    }

    /// <summary>How many bytes the envelope held.</summary>
    public int Length { get; }

    /// <summary>The bytes; valid until this object is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The content was disposed.</exception>
    public ReadOnlySpan<byte> Bytes => _padded.Reveal()[..Length];

    /// <summary>Wipes the bytes.</summary>
    public void Dispose() => _padded.Dispose();

    /// <summary>The type's name; never the content.</summary>
    /// <returns><c>EnvelopeContent</c>.</returns>
    public override string ToString() => nameof(EnvelopeContent);
}
