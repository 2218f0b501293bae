using System.Buffers.Binary;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>The draw of a committee: a public function of the seed, the request and the snapshot that it pins, that every client computes again for itself.</summary>
/// <remarks>Source: <c>docs/algorithms/committee-draw.md</c>. Thread safe.</remarks>
public static class CommitteeDraw
{
    /// <summary>How often an entry is tried at most, before the draw gives up: 256.</summary>
    public const int Attempts = 256;

    /// <summary>The highest weight; an entry of weight w is accepted in w of 63 attempts that hit it.</summary>
    internal const int Scale = Reputation.MaxWeight;

    /// <summary>Draws oracles by trial: each attempt picks an entry of the snapshot, all alike, and keeps it with a chance in proportion to its weight.</summary>
    /// <param name="inputs">What decides it.</param>
    /// <returns>The entries in the order of the draw, seat 1 first; fewer than there are seats when 256 attempts found no more.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="inputs"/> is null.</exception>
    /// <exception cref="ArgumentException">There are no seats or more than 16, the round is negative or above 255, or a weight does not lie between 1 and 63.</exception>
    /// <remarks>
    /// For attempt t = 0, 1, …: <c>h = keccak256("phr/draw/v2" || seed || request || round || be16(t))</c>, round one byte. The high 128 bits of h modulo the number of entries pick one; it gets the
    /// next seat if the low 64 bits modulo 63 lie below its weight, its unit has no seat yet and is no party, and it did not fail in the round before. The bias of the remainders is below 2⁻⁵⁷.
    /// </remarks>
    public static IReadOnlyList<RegistryEntry> Draw(DrawInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        if (inputs.Seats is < 1 or > LedgerLimits.Committee || inputs.Round is < 0 or > byte.MaxValue || inputs.Entries.Any(entry => entry.Weight is < 1 or > Scale))
        {
            throw new ArgumentException("A draw has 1 to 16 seats, a round of one byte, and weights of 1 to 63.", nameof(inputs));
        }

        var members = new List<RegistryEntry>(inputs.Seats);
        if (inputs.Entries.Count == 0)
        {
            return members;
        }

        ReadOnlySpan<byte> tag = "phr/draw/v2"u8;
        Span<byte> input = stackalloc byte[tag.Length + Digest.Length + RequestId.Length + 3];
        tag.CopyTo(input);
        inputs.Seed.CopyTo(input[tag.Length..]);
        inputs.RequestId.CopyTo(input[(tag.Length + Digest.Length)..]);
        input[^3] = (byte)inputs.Round;
        Span<byte> hash = stackalloc byte[Keccak256.DigestLength];
        for (int attempt = 0; attempt < Attempts && members.Count < inputs.Seats; attempt++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(input[^2..], (ushort)attempt);
            Keccak256.HashData(input, hash);
            RegistryEntry entry = inputs.Entries[(int)(BinaryPrimitives.ReadUInt128BigEndian(hash) % (UInt128)inputs.Entries.Count)];
            if (BinaryPrimitives.ReadUInt64BigEndian(hash[24..]) % Scale < (ulong)entry.Weight
                && !members.Exists(member => member.Unit == entry.Unit)
                && !inputs.Parties.Contains(entry.Unit)
                && !inputs.Failed.Contains(entry.Number))
            {
                members.Add(entry);
            }
        }

        return members;
    }
}
