using System.Buffers;
using System.Text;

namespace Phr.Crypto.Content;

/// <summary>A link of a MerkleDAG node: the child's id, its name in a directory (empty in a file), the bytes of the child's whole tree.</summary>
internal readonly record struct DagPbLink(Cid Cid, string Name, long TreeSize);

/// <summary>Writes MerkleDAG nodes in the one byte form that their id is taken of: the links in order, then the data.</summary>
/// <remarks>Source: IPLD's dag-pb specification. PBLink = Hash 1, Name 2, Tsize 3; PBNode = Links 2, Data 1.</remarks>
internal static class DagPbNode
{
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<DagPbLink> links, ReadOnlySpan<byte> data)
    {
        foreach (DagPbLink link in links)
        {
            int cidLength = link.Cid.ByteLength;
            int nameLength = Encoding.UTF8.GetByteCount(link.Name);
            int length = 1 + Varint.Length((ulong)cidLength) + cidLength + 1 + Varint.Length((ulong)nameLength) + nameLength + 1 + Varint.Length((ulong)link.TreeSize);
            WriteNumber(output, 0x12, length);
            WriteNumber(output, 0x0a, cidLength);
            link.Cid.CopyTo(output.GetSpan(cidLength));
            output.Advance(cidLength);
            WriteNumber(output, 0x12, nameLength);
            output.Advance(Encoding.UTF8.GetBytes(link.Name, output.GetSpan(Math.Max(nameLength, 1))));
            WriteNumber(output, 0x18, link.TreeSize);
        }

        WriteNumber(output, 0x0a, data.Length);
        output.Write(data);
    }

    /// <summary>Writes one protobuf field that is a number, or the tag and length of one that is bytes.</summary>
    public static void WriteNumber(IBufferWriter<byte> output, byte tag, long value)
    {
        Span<byte> span = output.GetSpan(1 + Varint.MaxLength);
        span[0] = tag;
        output.Advance(1 + Varint.Write((ulong)value, span[1..]));
    }
}
