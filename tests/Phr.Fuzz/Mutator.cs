using System.Buffers.Binary;

namespace Phr.Fuzz;

/// <summary>Makes new inputs from kept ones: single bytes, ranges, pieces of other inputs, words of the target's dictionary, and whole CBOR items.</summary>
internal sealed class Mutator(FuzzTarget target, ulong seed)
{
    private static readonly byte[] Edges = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x17, 0x18, 0x1f, 0x20, 0x40, 0x58, 0x5f, 0x9f];
    private static readonly ulong[] Numbers = [0, 1, 2, 15, 16, 17, 23, 24, 31, 32, 33, 255, 256, 1023, 1024, 1025, 65535, 65536, int.MaxValue, 0x8000_0000, uint.MaxValue, 0x1_0000_0000, long.MaxValue, 0x8000_0000_0000_0000, ulong.MaxValue];

    private ulong _state = seed == 0 ? 0x9e37_79b9_7f4a_7c15 : seed;

    public int Below(int bound) => (int)(Next() % (uint)bound);

    public byte[] Mutate(IReadOnlyList<byte[]> corpus, byte[] parent)
    {
        byte[] input = parent;
        int rounds = 1 << Below(6);
        if (target.IsCbor && Below(2) == 0)
        {
            input = MutateItems(input, corpus) ?? input;
            rounds = Below(3) == 0 ? 1 : 0;
        }

        for (int i = 0; i < rounds; i++)
        {
            input = MutateBytes(input, corpus);
        }

        return input.Length > target.MaxLength ? input[..target.MaxLength] : input;
    }

    private byte[] MutateBytes(byte[] bytes, IReadOnlyList<byte[]> corpus)
    {
        if (bytes.Length == 0)
        {
            return Random(1 + Below(Math.Min(64, target.MaxLength)));
        }

        int at = Below(bytes.Length);
        int length = 1 + Below(Math.Min(Below(8) == 0 ? 256 : 16, bytes.Length - at));
        byte[] copy;
        switch (Below(target.Dictionary.Count > 0 ? 16 : 14))
        {
            case 0:
                copy = [.. bytes];
                copy[at] ^= (byte)(1 << Below(8));
                return copy;
            case 1:
                copy = [.. bytes];
                copy[at] = Edges[Below(Edges.Length)];
                return copy;
            case 2:
                copy = [.. bytes];
                copy[at] = unchecked((byte)Next());
                return copy;
            case 3:
                copy = [.. bytes];
                copy[at] = unchecked((byte)(copy[at] + Below(71) - 35));
                return copy;
            case 4:
                return bytes[..at];
            case 5:
                return [.. bytes, .. Random(1 + Below(16))];
            case 6:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 7:
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 8:
                return [.. bytes[..at], .. Random(length), .. bytes[at..]];
            case 9: // a piece of another input in the place of one of this
                byte[] donor = corpus[Below(corpus.Count)];
                if (donor.Length == 0)
                {
                    return bytes;
                }

                int from = Below(donor.Length), count = 1 + Below(donor.Length - from);
                return Below(2) == 0
                    ? [.. bytes[..at], .. donor[from..(from + count)], .. bytes[Math.Min(bytes.Length, at + count)..]]
                    : [.. bytes[..at], .. donor[from..(from + count)], .. bytes[at..]];
            case 10:
                byte[] other = corpus[Below(corpus.Count)];
                return [.. bytes[..at], .. other[Math.Min(at, other.Length)..]];
            case 11:
                copy = [.. bytes];
                Array.Fill(copy, Edges[Below(Edges.Length)], at, length);
                return copy;
            case 12:
                copy = [.. bytes];
                WriteNumber(copy.AsSpan(at));
                return copy;
            case 13: // two ranges of one length change places
                copy = [.. bytes];
                int second = Below(bytes.Length - length + 1);
                bytes.AsSpan(at, length).CopyTo(copy.AsSpan(second));
                bytes.AsSpan(second, length).CopyTo(copy.AsSpan(at));
                return copy;
            default:
                byte[] word = target.Dictionary[Below(target.Dictionary.Count)];
                int gap = bytes.AsSpan(at).IndexOf(word[0]);
                gap = gap < 0 ? at : at + gap;
                int end = bytes.AsSpan(Math.Min(gap + 1, bytes.Length)).IndexOf(word[0]);
                return end < 0 || Below(3) == 0
                    ? [.. bytes[..gap], .. word, .. bytes[gap..]]
                    : [.. bytes[..gap], .. word, .. bytes[(gap + 1 + end)..]];
        }
    }

    private byte[]? MutateItems(byte[] bytes, IReadOnlyList<byte[]> corpus)
    {
        if (CborItem.TryRead(bytes) is not { } root)
        {
            return null;
        }

        for (int rounds = 1 + Below(3); rounds > 0; rounds--)
        {
            CborItem[] all = [.. root.Descend()];
            CborItem item = all[Below(all.Length)];
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
                case 7 when item.Bytes is not null:
                    item.Inner = null;
                    item.Bytes = MutateBytes(item.Bytes, corpus);
                    break;
                case 8: // an item of another input
                    if (CborItem.TryRead(corpus[Below(corpus.Count)]) is { } donor && item.Items is { Count: > 0 } places)
                    {
                        CborItem[] offered = [.. donor.Descend()];
                        places[Below(places.Count)] = offered[Below(offered.Length)].Clone();
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

        return root.ToBytes();
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

    private byte[] Random(int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = unchecked((byte)Next());
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
