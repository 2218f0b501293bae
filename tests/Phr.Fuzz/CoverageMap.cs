using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using SharpFuzz.Common;

namespace Phr.Fuzz;

/// <summary>The memory in which instrumented code counts the branches it takes, and what was seen in it so far. Counts are told apart as afl does: 1, 2, 3, 4-7, 8-15, 16-31, 32-127, more.</summary>
internal sealed unsafe class CoverageMap
{
    private const int Size = 1 << 16;

    private static readonly byte[] Buckets = [.. Enumerable.Range(0, 256).Select(n => (byte)(n switch { 0 => 0, 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 }))];

    // The same by the count's halves: below 16, and by its upper four bits.
    private static readonly Vector128<byte> LowBuckets = Vector128.Create(Buckets.AsSpan(0, 16));
    private static readonly Vector128<byte> HighBuckets = Vector128.Create([.. Enumerable.Range(0, 16).Select(n => Buckets[16 * n])]);

    private readonly byte* _counts = (byte*)NativeMemory.AlignedAlloc(Size, 64);
    private readonly byte[] _seen = new byte[Size];
    private bool _isClear;

    /// <summary>Takes the place of afl's shared memory. Before this, instrumented code has nowhere to count.</summary>
    public CoverageMap()
    {
        NativeMemory.Clear(_counts, Size);
        Trace.SharedMem = _counts;
    }

    /// <summary>How many edges were taken in all.</summary>
    public int Edges { get; private set; }

    public void Begin()
    {
        if (!_isClear)
        {
            NativeMemory.Clear(_counts, Size);
        }

        _isClear = false;
        Trace.PrevLocation = 0;
    }

    /// <summary>Adds what the last run took, and clears it.</summary>
    /// <returns>Whether an edge, or a count of one, was new.</returns>
    public bool AddNew()
    {
        bool isNew = false;
        for (int i = 0; i < Size; i += Vector512<byte>.Count)
        {
            if (Vector512.LoadAligned(_counts + i) == Vector512<byte>.Zero)
            {
                continue;
            }

            for (int k = i; k < i + Vector512<byte>.Count; k += Vector128<byte>.Count)
            {
                Vector128<byte> counts = Vector128.LoadAligned(_counts + k);
                Vector128<byte> high = counts >>> 4;
                Vector128<byte> buckets = Vector128.ConditionalSelect(
                    Vector128.Equals(high, Vector128<byte>.Zero), Vector128.Shuffle(LowBuckets, counts & Vector128.Create((byte)15)), Vector128.Shuffle(HighBuckets, high));
                if (Vector128.AndNot(buckets, Vector128.LoadUnsafe(ref _seen[k])) != Vector128<byte>.Zero)
                {
                    isNew = true;
                    AddNew(k);
                }
            }

            Vector512<byte>.Zero.StoreAligned(_counts + i);
        }

        _isClear = true;
        return isNew;
    }

    private void AddNew(int first)
    {
        for (int k = first; k < first + Vector128<byte>.Count; k++)
        {
            int fresh = Buckets[_counts[k]] & ~_seen[k];
            Edges += fresh != 0 && _seen[k] == 0 ? 1 : 0;
            _seen[k] |= (byte)fresh;
        }
    }

    /// <summary>What the last run took, for choosing the smallest set of inputs.</summary>
    public int[] Features()
    {
        var features = new List<int>();
        for (int k = 0; k < Size; k++)
        {
            if (_counts[k] != 0)
            {
                features.Add((k << 3) | BitOperations.TrailingZeroCount(Buckets[_counts[k]]));
            }
        }

        return [.. features];
    }
}
