using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>
/// A long story of identities, bonds and teams, put to the model command by command: <c>contracts/test/vectors/identity.json</c> has each signed call, the model's answer, and every word that a contract must have
/// stored at the end. The contract's tests replay it. With <c>PHR_WRITE_VECTORS=1</c> the file is written anew first.
/// </summary>
public class IdentityVectorTests
{
    [Fact]
    public void Story_PutToTheModel_GivesTheCommittedAnswersAndStorage() => ContractVectors.Compare("identity.json", new Teller().Tell(500));

    private sealed class Teller
    {
        private static readonly LedgerId _ledger = new(31337, ActorId.Parse("0x5068720000000000000000000000000000001ed6"));

        private readonly ConsentState _state = new(_ledger, new LedgerParameters { FoundingAgency = Person.Of("agency 1").Id, MinBond = 1000 });
        private readonly Person[] _agencies = [.. Enumerable.Range(1, 3).Select(i => Person.Of(Name("agency", i)))];
        private readonly Person[] _doctors = [.. Enumerable.Range(1, 3).Select(i => Person.Of(Name("doctor", i)))];
        private readonly Person[] _operators = [.. Enumerable.Range(1, 2).Select(i => Person.Of(Name("operator", i)))];
        private readonly Person[] _oracles = [.. Enumerable.Range(1, 5).Select(i => Person.Of(Name("oracle", i)))];
        private readonly Person _patient = Person.Of("patient");
        private readonly Person _hospital = Person.Of("hospital");
        private readonly Person _guardian = Person.Of("guardian");
        private readonly ActorId _team = Person.Of("team").Id;
        private readonly Dictionary<ActorId, Person> _keys = [];
        private readonly Dictionary<LedgerError, int> _refusals = [];
        private ulong _random = 0x5068_7231;
        private int _unique;
        private DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        private int _accepted;

        private Person[] Everybody => [.. _agencies, .. _doctors, .. _operators, .. _oracles, _patient, _hospital, _guardian];

        public string Tell(int commands)
        {
            List<string> calls = [], errors = [], times = [], values = [];
            foreach (Person person in Everybody)
            {
                _keys[person.Id] = person;
            }

            for (int i = 0; i < commands; i++)
            {
                _now += TimeSpan.FromSeconds(Below(50) == 0 ? 86_400 * (1 + Below(4)) : 1 + Below(600));
                LedgerCommand command = i < Everybody.Length ? Registration(Everybody[i]) : i < 2 * Everybody.Length ? new AdmitActor { Actor = _agencies[0].Id, Subject = Everybody[i - Everybody.Length].Id } : Next();
                Person signer = Below(60) == 0 ? Pick(Everybody) : _keys[command.Actor];
                SignedCommand signed;
                try
                {
                    signed = SignedCommand.Sign(command, _state.GetNonce(command.Actor) + (Below(60) == 0 ? 1u : 0u), _ledger, signer.Key);
                }
                catch (ArgumentException)
                {
                    continue;
                }

                byte[][] witnesses = Witnesses(signed.Command);
                var block = new LedgerBlock((ulong)(1000 + i), _now, default);
                LedgerDecision decision = _state.Decide(signed, block, _ => default);
                foreach (LedgerEvent made in decision.Events ?? [])
                {
                    _state.Evolve(made, block);
                }

                if (decision.IsAccepted)
                {
                    _accepted++;
                    if (command is ReplaceKey replaced && !_keys.Values.Any(key => key.Id == replaced.NewLedgerAddress && _keys[command.Actor] == key))
                    {
                        _keys[command.Actor] = Spare(replaced.NewLedgerAddress) ?? _keys[command.Actor];
                    }
                }
                else
                {
                    _refusals[decision.Error] = _refusals.GetValueOrDefault(decision.Error) + 1;
                }

                calls.Add(Hex(CallData.Of(signed, witnesses)));
                errors.Add(decision.IsAccepted ? "0x" : Hex(Keccak256.HashData(Encoding.ASCII.GetBytes(decision.Error + "()"))[..4]));
                times.Add(Word((ulong)_now.ToUnixTimeSeconds()));
                values.Add(Word(signed.Command is PostBond post ? post.Amount : 0));
            }

            // The story is worth telling only when much of it happens, and most refusals occur.
            Assert.True(_accepted >= commands / 5, $"{_accepted} accepted; " + string.Join(", ", _refusals));
            Assert.True(_refusals.Count >= 18, string.Join(", ", _refusals.Keys));
            ContractSlot[] slots = [.. _state.IdentitySlots().OrderBy(slot => slot.Key.ToString(), StringComparer.Ordinal)];
            var json = new JsonObject
            {
                ["ledger"] = "0x" + Convert.ToHexStringLower(_ledger.Contract.ToBytes()),
                ["foundingAgency"] = "0x" + Convert.ToHexStringLower(_state.Parameters.FoundingAgency.ToBytes()),
                ["calls"] = Strings(calls),
                ["errors"] = Strings(errors),
                ["times"] = Strings(times),
                ["values"] = Strings(values),
                ["keys"] = Strings(slots.Select(slot => Hex(slot.Key.ToBytes()))),
                ["words"] = Strings(slots.Select(slot => Hex(slot.Value.ToBytes()))),
            };
            return ContractVectors.ToJson(json);
        }

        private static string Name(string role, int i) => role + " " + i.ToString(CultureInfo.InvariantCulture);

        private static string Hex(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

        private static string Word(ulong value) => "0x" + value.ToString("x64", CultureInfo.InvariantCulture);

        private static JsonArray Strings(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

        /// <summary>A key that somebody changes to, by the address that it has.</summary>
        private static Person? Spare(ActorId address) => Enumerable.Range(1, 40).Select(i => Person.Of(Name("spare", i))).FirstOrDefault(spare => spare.Id == address);

        private RegisterActor Registration(Person person) => new()
        {
            Actor = person.Id,
            Roles = _agencies.Contains(person) ? ActorRoles.Agency
                : _doctors.Contains(person) ? ActorRoles.Doctor | (person == _doctors[0] ? ActorRoles.Patient : 0)
                : _operators.Contains(person) ? ActorRoles.Operator
                : _oracles.Contains(person) ? ActorRoles.Oracle
                : person == _patient ? ActorRoles.Patient
                : person == _hospital ? ActorRoles.Hospital
                : ActorRoles.Guardian,
            KeyRecordDigest = Below(30) == 0 ? default : Fresh(),
            ValidUntil = _now.AddDays(Below(20) == 0 ? -1 : _oracles.Contains(person) ? Below(8) == 0 ? 31 : 29 : 300).AddSeconds(Below(4000)),
            Organisation = Below(4) == 0 ? _hospital.Id : default,
            Operator = _oracles.Contains(person) != (Below(30) == 0) ? Pick(_operators).Id : default,
        };

        private LedgerCommand Next()
        {
            ActorId anybody = Pick(Everybody).Id;
            anybody = _state.GetActor(anybody) is { Status: ActorStatus.Removed } && Below(4) > 0 ? _guardian.Id : anybody;
            ActorId agency = Below(5) == 0 ? anybody : Pick(_agencies).Id;
            ActorId oracle = Below(8) == 0 ? anybody : _oracles[Below(3)].Id;
            int reason = Below(40) == 0 ? 0 : Below(65536);
            switch (Below(30))
            {
                case 0 or 1 or 2: return Registration(Pick(Below(2) == 0 ? _oracles : Everybody));
                case 3 or 4 or 5 or 6: return new AdmitActor { Actor = Below(4) == 0 ? _hospital.Id : agency, Subject = Below(5) == 0 ? _team : anybody };
                case 7 or 8: return new AcceptAdmission { Actor = Below(4) == 0 ? anybody : Pick(_agencies).Id };
                case 9 or 10: return Licence(agency, Below(5) == 0 ? anybody : Pick(_doctors).Id);
                case 11: return new WithdrawLicence { Actor = agency, Doctor = Pick(_doctors).Id, ReasonCode = reason };
                case 12 or 13 or 14: return Rekeying(anybody);
                case 15: return new SuspendActor { Actor = agency, Subject = Below(9) == 0 ? _team : Below(3) == 0 ? agency : anybody, ReasonCode = reason };
                case 16 or 17 or 18: return new ReinstateActor { Actor = agency, Subject = Below(9) == 0 ? _team : Everybody.FirstOrDefault(person => _state.GetActor(person.Id)?.Status == ActorStatus.Suspended)?.Id ?? anybody, ReasonCode = reason };
                case 19 when Below(3) > 0: return new ConfirmPresence { Actor = _doctors[0].Id };
                case 19: return new RemoveActor { Actor = Below(2) == 0 ? anybody : agency, Subject = Below(12) == 0 ? anybody : Below(2) == 0 ? _oracles[0].Id : Pick(_agencies).Id, ReasonCode = reason };
                case 20: return new ConfirmPresence { Actor = Below(2) == 0 ? _patient.Id : anybody };
                case 21 or 22: return new PostBond { Actor = anybody, Oracle = oracle, Amount = 1 + (ulong)Below(1500) };
                case 23: return new ReleaseBond { Actor = oracle, Amount = 1 + (ulong)Below(1500) };
                case 24: return new WithdrawBond { Actor = oracle };
                case 25: return new WithdrawCredit { Actor = anybody };
                default: return AboutTheTeam();
            }
        }

        private RecordLicence Licence(ActorId agency, ActorId doctor) => new()
        {
            Actor = agency,
            Doctor = doctor,
            CredentialDigest = Fresh(),
            Speciality = Pick<string>(["cardiology", "oncology", "x~!"]),
            Organisation = Below(2) == 0 ? _hospital.Id : default,
            NotAfter = _now.AddDays(Below(8) == 0 ? -1 : 100),
        };

        private ReplaceKey Rekeying(ActorId actor)
        {
            ActorId present = _state.GetActor(actor)?.LedgerAddress ?? actor;
            Person spare = Person.Of(Name("spare", 1 + Below(40)));
            ActorId next = Below(2) == 0 ? present : Below(10) == 0 ? Pick(Everybody).Id : spare.Id;
            return new ReplaceKey
            {
                Actor = actor,
                NewLedgerAddress = next,
                KeyRecordDigest = Fresh(),
                ValidUntil = _now.AddDays(Below(12) == 0 ? -1 : _oracles.Any(oracle => oracle.Id == actor) ? 29 : 200),
                Possession = Below(8) == 0 ? null : spare.Key.SignDigest(LedgerPossession.KeyDigest(_ledger, Below(8) == 0 ? _patient.Id : actor, next).ToBytes()),
            };
        }

        private LedgerCommand AboutTheTeam()
        {
            Person[] pool = [.. _doctors, _guardian, _patient, _hospital];
            ActorId actor = Below(8) == 0 ? Pick(Everybody).Id : Pick(pool).Id;
            if (_state.GetTeam(_team) is not { } team)
            {
                return new RegisterTeam { Actor = actor, Team = _team, Terms = Terms(1, 1, pool), Organisation = Below(6) == 0 ? Pick(Everybody).Id : _hospital.Id };
            }

            if (Below(2) == 0)
            {
                return new ConfirmTeamChange { Actor = actor, Team = Below(20) == 0 ? actor : _team, CharterDigest = team.Votes.Count == 0 || Below(9) == 0 ? Fresh() : Pick(team.Votes).Terms.CharterDigest };
            }

            int keyEpoch = team.Terms.KeyEpoch + (Below(3) == 0 ? 0 : 1);
            return new ChangeTeam
            {
                Actor = actor,
                Team = _team,
                PreviousCharterDigest = Below(10) == 0 ? Fresh() : team.Terms.CharterDigest,
                Terms = team.Votes.Count > 0 && Below(4) == 0 ? Pick(team.Votes).Terms : Terms(team.Terms.RosterEpoch + (Below(10) == 0 ? 2 : 1), keyEpoch, pool),
            };
        }

        private TeamTerms Terms(int rosterEpoch, int keyEpoch, Person[] pool) => new()
        {
            CharterDigest = Fresh(),
            RosterEpoch = rosterEpoch,
            KeyEpoch = keyEpoch,
            PublicKey = Person.Of(Name("team key", keyEpoch)).Key.PublicKey,
            Threshold = Below(12) == 0 ? 1 : 2,
            Members = [.. pool.Where(_ => Below(3) > 0).Append(pool[0]).DistinctBy(person => person.Id).Select(person => new TeamPlace { Member = person.Id })],
        };

        /// <summary>What goes with a command because the contract stores only its hash.</summary>
        private byte[][] Witnesses(LedgerCommand command)
        {
            if (command is not (ChangeTeam or ConfirmTeamChange))
            {
                return [];
            }

            TeamRecord? team = _state.GetTeam(command is ConfirmTeamChange { Team: var named } ? named : _team);
            byte[] present = team is null ? [] : ConsentState.AbiEncode(team.Terms);
            return command is not ConfirmTeamChange confirm ? [present]
                : [team?.Proposals().FirstOrDefault(terms => terms.CharterDigest == confirm.CharterDigest) is { } proposed ? ConsentState.AbiEncode(proposed) : [], present];
        }

        private Digest Fresh() => Digest.Of(BitConverter.GetBytes(++_unique));

        private T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

        /// <summary>xorshift64*.</summary>
        private int Below(int bound)
        {
            unchecked
            {
                _random ^= _random >> 12;
                _random ^= _random << 25;
                _random ^= _random >> 27;
                return (int)(((_random * 0x2545F4914F6CDD1D) >> 33) % (ulong)bound);
            }
        }
    }
}
