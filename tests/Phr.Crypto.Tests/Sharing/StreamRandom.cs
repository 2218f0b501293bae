using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Tests.Sharing;

/// <summary>A reproducible stream: SHA-256 of a label and a counter. For vectors and repeatable properties only.</summary>
internal sealed class StreamRandom(string label) : RandomSource
{
    private readonly byte[] _label = Encoding.UTF8.GetBytes(label);
    private uint _counter;

    public override void Fill(Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[32];
        while (!destination.IsEmpty)
        {
            byte[] input = [.. _label, 0, 0, 0, 0];
            BinaryPrimitives.WriteUInt32BigEndian(input.AsSpan(_label.Length), _counter++);
            SHA256.HashData(input, block);
            int taken = Math.Min(32, destination.Length);
            block[..taken].CopyTo(destination);
            destination = destination[taken..];
        }
    }
}
