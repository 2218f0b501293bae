using Phr.Shared;

namespace Phr.Crypto;

/// <summary>The oracles drawn for one request, in the order of the draw: the first is the leader. A seat's index is its place, from 1.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class OracleCommittee
{
    /// <summary>Creates a committee.</summary>
    /// <param name="threshold">How many oracles must answer (m), 1..number of seats.</param>
    /// <param name="seats">The oracles in the order of the draw, 1..16, each once.</param>
    /// <param name="round">0, or the number of the redraw: so that two deliveries of one oracle in two rounds are not taken for one job done twice.</param>
    /// <exception cref="ArgumentException">An oracle occurs twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The threshold or the number of seats is out of range.</exception>
    public OracleCommittee(int threshold, IEnumerable<CommitteeSeat> seats, int round = 0)
    {
        ArgumentNullException.ThrowIfNull(seats);
        Seats = [.. seats];
        ArgumentOutOfRangeException.ThrowIfLessThan(Seats.Count, 1, nameof(seats));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Seats.Count, TrusteePolicy.MaxCommittee, nameof(seats));
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, Seats.Count);
        if (Seats.DistinctBy(s => s.Oracle).Count() != Seats.Count)
        {
            throw new ArgumentException("An oracle has two seats.", nameof(seats));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(round);
        Threshold = threshold;
        Round = round;
        var writer = new CanonicalCborWriter();
        writer.Array(4).Text("phr/committee/v1").UInt64((ulong)round).UInt64((ulong)threshold).Array(Seats.Count);
        foreach (CommitteeSeat seat in Seats)
        {
            writer.Array(3).Id(seat.Oracle).Key(seat.EnvelopeKey).Key(seat.ObjectKey).EndArray();
        }

        Digest = Digest.Of(writer.EndArray().EndArray().ToBytes());
    }

    /// <summary>How many oracles must answer (m).</summary>
    public int Threshold { get; }

    /// <summary>0, or the number of the redraw.</summary>
    public int Round { get; }

    /// <summary>The seats in the order of the draw; the first is the leader.</summary>
    public IReadOnlyList<CommitteeSeat> Seats { get; }

    /// <summary>SHA-256 over the round, the threshold and all seats with their keys; part of every approval's context.</summary>
    public Digest Digest { get; }
}
