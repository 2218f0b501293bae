using System.Buffers.Binary;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>The draw of a committee: a public function of the seed, the request and the snapshot of the registry, that every client computes again for itself.</summary>
/// <remarks>Source: <c>docs/algorithms/committee-draw.md</c>. Thread safe.</remarks>
public static class CommitteeDraw
{
    /// <summary>Draws oracles one by one, each with a chance in proportion to its weight among those left; an operator whose oracle was drawn is out with all of its oracles.</summary>
    /// <param name="seed">The randomness of the seed block.</param>
    /// <param name="request">The request.</param>
    /// <param name="round">0, or 1 after a redraw.</param>
    /// <param name="candidates">The snapshot, in any order; each oracle once, weights of at least 1.</param>
    /// <param name="seats">How many to draw.</param>
    /// <returns>The committee, seats 1 to <paramref name="seats"/> in the order of the draw.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="candidates"/> is null.</exception>
    /// <exception cref="ArgumentException">The candidates have fewer operators than seats, repeat an oracle, or have a weight below 1.</exception>
    /// <remarks>
    /// With the candidates in the order of their ids, seat k (from 0) is found by <c>r = uint256(keccak256("phr/draw/v1" || seed || request || be16(round) || be16(k))) mod Σ weights</c>: the first candidate
    /// whose cumulative weight exceeds r. The bias of the remainder is below 2⁻²²⁰. Cost: seats × candidates.
    /// </remarks>
    public static IReadOnlyList<CommitteeMember> Draw(Digest seed, RequestId request, int round, IReadOnlyList<OracleCandidate> candidates, int seats)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        ArgumentOutOfRangeException.ThrowIfNegative(round);
        ArgumentOutOfRangeException.ThrowIfLessThan(seats, 1);
        List<OracleCandidate> left = [.. candidates.OrderBy(candidate => candidate.Oracle)];
        if (left.Exists(candidate => candidate.Weight < 1) || left.Select(candidate => candidate.Oracle).Distinct().Count() != left.Count)
        {
            throw new ArgumentException("Every candidate stands in the snapshot once and has a weight.", nameof(candidates));
        }

        if (OperatorCount(left) < seats)
        {
            throw new ArgumentException("The candidates have fewer operators than there are seats.", nameof(candidates));
        }

        var members = new CommitteeMember[seats];
        for (int k = 0; k < seats; k++)
        {
            long point = Remainder(seed, request, round, k, left.Sum(candidate => (long)candidate.Weight));
            OracleCandidate drawn = left.First(candidate => (point -= candidate.Weight) < 0);
            members[k] = new CommitteeMember { Index = k + 1, Oracle = drawn.Oracle, Operator = drawn.Operator, KeyRecordDigest = drawn.KeyRecordDigest };
            left.RemoveAll(candidate => candidate.Oracle == drawn.Oracle || candidate.Operator == drawn.Operator);
        }

        return members;
    }

    internal static int OperatorCount(IEnumerable<OracleCandidate> candidates) => candidates.Select(candidate => candidate.Operator).Distinct().Count();

    private static long Remainder(Digest seed, RequestId request, int round, int seat, long total)
    {
        ReadOnlySpan<byte> tag = "phr/draw/v1"u8;
        Span<byte> input = stackalloc byte[tag.Length + Digest.Length + RequestId.Length + 4];
        tag.CopyTo(input);
        Span<byte> rest = input[tag.Length..];
        seed.CopyTo(rest);
        request.CopyTo(rest[Digest.Length..]);
        BinaryPrimitives.WriteUInt16BigEndian(rest[(Digest.Length + RequestId.Length)..], (ushort)round);
        BinaryPrimitives.WriteUInt16BigEndian(rest[(Digest.Length + RequestId.Length + 2)..], (ushort)seat);
        Span<byte> number = stackalloc byte[Keccak256.DigestLength];
        Keccak256.HashData(input, number);
        long remainder = 0;
        foreach (byte digit in number)
        {
            remainder = ((remainder << 8) | digit) % total;
        }

        return remainder;
    }
}
