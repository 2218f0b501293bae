using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>What a request body says of the team that shall receive.</summary>
/// <param name="Team">The team.</param>
/// <param name="KeyEpoch">The epoch of the team's key to which the receiving key is made.</param>
/// <param name="Possession">The proof that the receiving key is that key plus one whose secret the doctor knows; its context is the body's nonce.</param>
public sealed record TeamClaim(ActorId Team, int KeyEpoch, Signature Possession)
{
    internal const int MaxLength = 128;

    internal static TeamClaim? Read(string stage, byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return null;
        }

        var reader = new CanonicalCborReader(stage, bytes, MaxLength);
        reader.BeginArray(3);
        var claim = new TeamClaim(reader.ActorId(), reader.Int32(TeamPlan.MaxEpoch), reader.Signature());
        reader.EndArray();
        reader.End();
        return claim.Team.IsZero || claim.KeyEpoch < 1 ? throw reader.Fault(PhrDataReason.OutOfRange, "it names no team, or no key of it.") : claim;
    }

    internal byte[] ToBytes() =>
        new CanonicalCborWriter().Array(3).Id(Team).UInt64((ulong)KeyEpoch).Bytes(Possession.ToBytes()).EndArray().ToBytes();
}
