using System.Buffers.Binary;

namespace Phr.Fuzz;

/// <summary>Makes new inputs from kept ones: single bytes, ranges, pieces of other inputs, words of the target's dictionary, and whole CBOR items.</summary>
internal sealed class Mutator(FuzzTarget target, ulong seed)
{
    private static readonly byte[] Edges = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x17, 0x18, 0x1f, 0x20, 0x40, 0x58, 0x5f, 0x9f];
    private static readonly ulong[] Numbers = [0, 1, 2, 15, 16, 17, 23, 24, 31, 32, 33, 255, 256, 1023, 1024, 1025, 65535, 65536, int.MaxValue, 0x8000_0000, uint.MaxValue, 0x1_0000_0000, long.MaxValue, 0x8000_0000_0000_0000, ulong.MaxValue];

    private readonly ByteBuffer _input = new(), _content = new();
    private ulong _state = seed == 0 ? 0x9e37_79b9_7f4a_7c15 : seed;

    public int Below(int bound) => (int)(Next() % (uint)bound);

    public byte[] Mutate(IReadOnlyList<byte[]> corpus, byte[] parent)
    {
        int rounds = 1 << Below(6);
        if (target.IsCbor && Below(2) == 0 && TryMutateItems(parent, corpus))
        {
            rounds = Below(3) == 0 ? 1 : 0;
        }
        else
        {
            _input.Set(parent);
        }

        for (int i = 0; i < rounds; i++)
        {
            MutateBytes(_input, corpus);
        }

        _input.Truncate(target.MaxLength);
        return _input.ToArray();
    }

    private void MutateBytes(ByteBuffer input, IReadOnlyList<byte[]> corpus)
    {
        Span<byte> bytes = input.Span, some = stackalloc byte[256], others = stackalloc byte[256];
        if (bytes.Length == 0)
        {
            input.Append(Random(some[..(1 + Below(Math.Min(64, target.MaxLength)))]));
            return;
        }

        int at = Below(bytes.Length);
        int length = 1 + Below(Math.Min(Below(8) == 0 ? 256 : 16, bytes.Length - at));
        switch (Below(target.Dictionary.Count > 0 ? 16 : 14))
        {
            case 0:
                bytes[at] ^= (byte)(1 << Below(8));
                break;
            case 1:
                bytes[at] = Edges[Below(Edges.Length)];
                break;
            case 2:
                bytes[at] = unchecked((byte)Next());
                break;
            case 3:
                bytes[at] = unchecked((byte)(bytes[at] + Below(71) - 35));
                break;
            case 4:
                input.Truncate(at);
                break;
            case 5:
                input.Append(Random(some[..(1 + Below(16))]));
                break;
            case 6:
                input.Replace(at, length, []);
                break;
            case 7:
                bytes.Slice(at, length).CopyTo(some);
                input.Replace(at, 0, some[..length]);
                break;
            case 8:
                input.Replace(at, 0, Random(some[..length]));
                break;
            case 9: // a piece of another input in the place of one of this
                byte[] donor = corpus[Below(corpus.Count)];
                if (donor.Length > 0)
                {
                    int from = Below(donor.Length), count = 1 + Below(donor.Length - from);
                    input.Replace(at, Below(2) == 0 ? Math.Min(count, bytes.Length - at) : 0, donor.AsSpan(from, count));
                }

                break;
            case 10:
                byte[] other = corpus[Below(corpus.Count)];
                input.Replace(at, bytes.Length - at, other.AsSpan(Math.Min(at, other.Length)));
                break;
            case 11:
                bytes.Slice(at, length).Fill(Edges[Below(Edges.Length)]);
                break;
            case 12:
                WriteNumber(bytes[at..]);
                break;
            case 13: // two ranges of one length change places
                int second = Below(bytes.Length - length + 1);
                bytes.Slice(at, length).CopyTo(some);
                bytes.Slice(second, length).CopyTo(others);
                some[..length].CopyTo(bytes[second..]);
                others[..length].CopyTo(bytes[at..]);
                break;
            default:
                byte[] word = target.Dictionary[Below(target.Dictionary.Count)];
                int gap = bytes[at..].IndexOf(word[0]);
                gap = gap < 0 ? at : at + gap;
                int end = bytes[Math.Min(gap + 1, bytes.Length)..].IndexOf(word[0]);
                input.Replace(gap, end < 0 || Below(3) == 0 ? 0 : 1 + end, word);
                break;
        }
    }

    private bool TryMutateItems(byte[] bytes, IReadOnlyList<byte[]> corpus)
    {
        if (CborItem.TryRead(bytes) is not { } root)
        {
            return false;
        }

        for (int rounds = 1 + Below(3); rounds > 0; rounds--)
        {
            List<CborItem> all = root.Descend();
            CborItem item = all[Below(all.Count)];
            switch (Below(10))
            {
                case 0:
                    item.Value = Numbers[Below(Numbers.Length)];
                    break;
                case 1:
                    item.ClaimedLength = Numbers[Below(Numbers.Length)];
                    break;
                case 2:
                    item.HeadBytes = 1 << Below(4);
                    break;
                case 3:
                    item.Major = Below(8);
                    break;
                case 4 when item.Items is { Count: > 0 } items:
                    items.RemoveAt(Below(items.Count));
                    break;
                case 5 when item.Items is { Count: > 0 } items:
                    items.Insert(Below(items.Count + 1), items[Below(items.Count)].Clone());
                    break;
                case 6 when item.Items is { Count: > 1 } items:
                    int a = Below(items.Count), b = Below(items.Count);
                    (items[a], items[b]) = (items[b], items[a]);
                    break;
                case 7 when item.Bytes is { } content:
                    item.Inner = null;
                    _content.Set(content.Span);
                    MutateBytes(_content, corpus);
                    item.Bytes = _content.ToArray();
                    break;
                case 8: // an item of another input
                    if (CborItem.TryRead(corpus[Below(corpus.Count)]) is { } donor && item.Items is { Count: > 0 } places)
                    {
                        List<CborItem> offered = donor.Descend();
                        places[Below(places.Count)] = offered[Below(offered.Count)];
                    }

                    break;
                case 9 when item.Items is { Count: > 0 } items:
                    for (int copies = 1 << Below(6); copies > 0 && items.Count < 2000; copies--)
                    {
                        items.Add(items[^1].Clone());
                    }

                    break;
                default:
                    item.Value ^= 1UL << Below(64);
                    break;
            }
        }

        _input.Truncate(0);
        root.Write(_input);
        return true;
    }

    private void WriteNumber(Span<byte> destination)
    {
        Span<byte> number = stackalloc byte[8];
        ulong value = Numbers[Below(Numbers.Length)];
        int width = 1 << Below(4);
        if (Below(2) == 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, value);
            number = number[(8 - width)..];
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
            number = number[..width];
        }

        number[..Math.Min(width, destination.Length)].CopyTo(destination);
    }

    private Span<byte> Random(Span<byte> bytes)
    {
        foreach (ref byte b in bytes)
        {
            b = unchecked((byte)Next());
        }

        return bytes;
    }

    // xorshift64*: repeatable by its seed. Not for anything secret.
    private ulong Next()
    {
        unchecked
        {
            _state ^= _state >> 12;
            _state ^= _state << 25;
            _state ^= _state >> 27;
            return (_state * 0x2545_f491_4f6c_dd1d) >> 8;
        }
    }
}
