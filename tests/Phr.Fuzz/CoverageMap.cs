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

    private readonly byte* _counts = (byte*)NativeMemory.AlignedAlloc(Size, 64);
    private readonly byte[] _seen = new byte[Size];

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
        NativeMemory.Clear(_counts, Size);
        Trace.PrevLocation = 0;
    }

    /// <summary>Adds what the last run took.</summary>
    /// <returns>Whether an edge, or a count of one, was new.</returns>
    public bool AddNew()
    {
        bool isNew = false;
        for (int i = 0; i < Size; i += Vector256<byte>.Count)
        {
            if (Vector256.Load(_counts + i) == Vector256<byte>.Zero)
            {
                continue;
            }

            for (int k = i; k < i + Vector256<byte>.Count; k++)
            {
                int fresh = Buckets[_counts[k]] & ~_seen[k];
                if (fresh != 0)
                {
                    Edges += _seen[k] == 0 ? 1 : 0;
                    _seen[k] |= (byte)fresh;
                    isNew = true;
                }
            }
        }

        return isNew;
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
