using System.Numerics;
using System.Text;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Consent;

// What a contract stores of identities, teams and the registry, word for word as contracts/src/LedgerBase.sol lays it out: for comparing a contract's storage with the state that its events give.
public sealed partial class ConsentState
{
    private const int ActorsVariable = 1;
    private const int AddressesVariable = 2;
    private const int OraclesVariable = 3;
    private const int RegistryVariable = 4;
    private const int SnapshotsVariable = 5;
    private const int SnapshotEntriesVariable = 7;
    private const int CreditsVariable = 10;
    private const int RecordsVariable = 11;

    private static readonly AbiType _termsType = AbiType.Parse("((bytes32,uint32,uint32,bytes,uint32,(address)[]))");
    private static readonly AbiType _teamKeyType = AbiType.Parse("(string,address)");

    /// <summary>Every word on identities, teams and the registry, those that hold nothing included where an actor could have them.</summary>
    internal IEnumerable<ContractSlot> IdentitySlots()
    {
        foreach (ActorRecord actor in _actors.Values)
        {
            BigInteger place = ContractSlot.Of(actor.Id.ToBytes(), ContractSlot.Of(ActorsVariable));
            foreach (BigInteger value in ActorWords(actor))
            {
                yield return ContractSlot.Holding(place++, value);
            }

            yield return ContractSlot.Holding(ContractSlot.Of(actor.Id.ToBytes(), ContractSlot.Of(CreditsVariable)), actor.Credit);
        }

        foreach ((ActorId address, ActorId actor) in _addresses.Where(pair => pair.Key != pair.Value))
        {
            yield return ContractSlot.Holding(ContractSlot.Of(address.ToBytes(), ContractSlot.Of(AddressesVariable)), ContractSlot.Number(actor));
        }

        for (int index = 1; index <= _oracles.Count; index++)
        {
            yield return ContractSlot.Holding(ContractSlot.Of(index, ContractSlot.Of(OraclesVariable)), OracleWord(_actors[_oracles[index - 1]]));
        }

        foreach (TeamRecord team in _teams.Values)
        {
            byte[] key = Keccak256.HashData(AbiCodec.Encode(_teamKeyType, AbiValue.List(AbiValue.Of("team"), AbiValue.Of(team.Id))));
            yield return ContractSlot.Holding(
                ContractSlot.Of(key, ContractSlot.Of(RecordsVariable)),
                ContractSlot.Tag(Keccak256.HashData(AbiEncode(team.Terms))) | ((BigInteger)team.Terms.KeyEpoch << 160) | ((BigInteger)team.Terms.RosterEpoch << 184));
        }

        foreach (ContractSlot slot in RegistrySlots())
        {
            yield return slot;
        }
    }

    private IEnumerable<ContractSlot> RegistrySlots()
    {
        RegistrySnapshot? present = GetSnapshot(null);
        int agencies = _actors.Values.Count(actor => actor is { Roles: ActorRoles.Agency, Status: ActorStatus.Active });
        yield return ContractSlot.Holding(
            ContractSlot.Of(RegistryVariable),
            _oracles.Count | ((BigInteger)agencies << 16) | ((BigInteger)(present?.Number ?? 0) << 32) | ((BigInteger)(present?.Block ?? 0) << 64) | ((BigInteger)BurnedBonds << 128)
            | ((BigInteger)(present?.Entries.Count ?? 0) << 192));
        foreach (int number in _snapshotNumbers.TakeLast(2))
        {
            RegistrySnapshot snapshot = _snapshots[number];
            yield return ContractSlot.Holding(ContractSlot.Of(SnapshotsVariable) + (number % 2), number | ((BigInteger)snapshot.Entries.Count << 32));
            BigInteger entries = ContractSlot.Of(number % 2, ContractSlot.Of(SnapshotEntriesVariable));
            for (int word = 0; word * 16 < snapshot.Entries.Count; word++)
            {
                BigInteger value = 0;
                foreach ((int i, RegistryEntry entry) in snapshot.Entries.Skip(word * 16).Take(16).Index())
                {
                    value |= (BigInteger)((entry.Number << 6) | entry.Weight) << (16 * i);
                }

                yield return ContractSlot.Holding(ContractSlot.Of(word, entries), value);
            }
        }
    }

    private IEnumerable<BigInteger> ActorWords(ActorRecord actor)
    {
        bool rekeyed = actor.LedgerAddress != actor.Id;
        bool founding = actor.Id == Parameters.FoundingAgency && actor.KeyRecordDigest.IsZero;
        int flags = (rekeyed ? 1 : 0) | (actor.Organisation.IsZero ? 0 : 2) | (founding ? 4 : 0);
        yield return ((int)actor.Status + 1)
            | ((BigInteger)(int)actor.Roles << 4)
            | (ContractSlot.Number(actor.ValidUntil) << 16)
            | ((BigInteger)GetNonce(actor.Id) << 56)
            | ((actor.Licence is { } recorded ? ContractSlot.Number(recorded.NotAfter) : 0) << 96)
            | (ContractSlot.Number(actor.LastSeen) << 136)
            | ((BigInteger)actor.AbandonedRequests << 176)
            | (ContractSlot.Number(actor.LastAbandonedAt) << 184)
            | ((BigInteger)actor.OpenReviews << 224)
            | ((BigInteger)flags << 232)
            | ((BigInteger)actor.OracleIndex << 240);
        yield return (rekeyed ? ContractSlot.Number(actor.LedgerAddress) : 0) | ((BigInteger)actor.ReleasingBond << 160);
        yield return ContractSlot.Number(actor.Organisation) | (ContractSlot.Number(actor.AcceptableFrom ?? default) << 160);
        yield return ContractSlot.Number(actor.Operator) | ((BigInteger)actor.Bond << 160) | ((BigInteger)actor.Slashes << 224);
        yield return (actor.Licence is { } licence ? ContractSlot.Number(licence.Organisation) : 0) | (ContractSlot.Number(actor.BondPayableAt ?? default) << 160);
        yield return actor.Licence is { } speciality ? ContractSlot.Number(Keccak256.HashData(Encoding.ASCII.GetBytes(speciality.Speciality))) : 0;
    }

    private BigInteger OracleWord(ActorRecord oracle)
    {
        Reputation reputation = oracle.Reputation!;
        BigInteger hour = oracle.Status == ActorStatus.Active && oracle.Bond >= Parameters.MinBond ? BigInteger.Min(ContractSlot.Number(oracle.ValidUntil) / 3600, (1 << 20) - 1) : 0;
        return ContractSlot.Number(oracle.Unit)
            | ((BigInteger)reputation.Correctness << 160)
            | ((BigInteger)reputation.Timeliness << 180)
            | ((BigInteger)reputation.Rating << 200)
            | ((BigInteger)reputation.SinceDay << 220)
            | (hour << 236);
    }

    internal static byte[] AbiEncode(TeamTerms terms) => AbiCodec.Encode(_termsType, AbiValue.List(AbiValue.List(
        AbiValue.Of(terms.CharterDigest),
        AbiValue.Of(terms.RosterEpoch),
        AbiValue.Of(terms.KeyEpoch),
        AbiValue.Of(terms.PublicKey.ToBytes()),
        AbiValue.Of(terms.Threshold),
        AbiValue.List(terms.Members, place => AbiValue.List(AbiValue.Of(place.Member))))));
}
