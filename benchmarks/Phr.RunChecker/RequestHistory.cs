using System.Globalization;
using System.Numerics;

namespace Phr.RunChecker;

/// <summary>What the chain says of one request, block by block. A block can be taken back.</summary>
internal sealed class RequestHistory
{
    private const int Seats = 16;
    private const int BitsOfSeat = 10;

    private readonly List<(long Block, long Time, SeenEvent Event)> _events = [];

    public IReadOnlyList<(long Block, long Time, SeenEvent Event)> Events => _events;

    /// <summary>When the request's time is over.</summary>
    public long NotAfter => _events.Count > 0 && _events[0].Event.Name == "AccessRequested"
        ? (long)(BigInteger.Parse(_events[0].Event["meta"], CultureInfo.InvariantCulture) & ((BigInteger.One << 40) - 1))
        : 0;

    public void Add(long block, long time, SeenEvent seen) => _events.Add((block, time, seen));

    public void TakeBack(long fromBlock) => _events.RemoveAll(e => e.Block >= fromBlock);

    /// <summary>For which job a delivery would be now: the committee's round, and the use of the grant.</summary>
    public (int Round, int Use) Job() => (_events.Count(e => e.Event.Name == "CommitteeRedrawn"), (int)(_events.LastOrDefault(e => e.Event.Name == "UsedAgain").Event?.Number("used") ?? 0));

    /// <summary>The oracles' numbers by seat, the first seat first.</summary>
    public static IReadOnlyList<int> MembersOf(SeenEvent drawn)
    {
        var packed = BigInteger.Parse(drawn["members"], CultureInfo.InvariantCulture);
        var members = new List<int>();
        for (int seat = 0; seat < Seats; seat++)
        {
            int number = (int)((packed >> (BitsOfSeat * seat)) & ((1 << BitsOfSeat) - 1));
            if (number != 0)
            {
                members.Add(number);
            }
        }

        return members;
    }
}
