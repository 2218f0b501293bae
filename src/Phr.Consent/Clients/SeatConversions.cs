using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A seat as the ledger writes it, and as the cryptography does.</summary>
internal static class SeatConversions
{
    public static PolicySeat ToPolicySeat(this TrusteeSeat seat) => new(seat.Group, seat.Member);

    public static TrusteeSeat ToTrusteeSeat(this PolicySeat seat) => new(seat.Group, seat.Member);
}
