namespace Phr.RunChecker;

/// <summary>
/// Judges a run by the chain, the stores and the doctors' folders: every granted request is delivered once by each serving member, none before its grant was final and none after it was taken back; who was granted
/// something has it, and nobody has anything else.
/// </summary>
internal sealed class Judge
{
    private const string Delivered = "DeliveryRecorded";

    private static readonly string[] _ends = ["GrantRevoked", "RequestVetoed", "RequestCancelled", "RequestVoided", "RequestDenied", "RequestExpired"];

    private readonly Recording _recording;
    private readonly List<Finding> _findings = [];
    private readonly Dictionary<string, RequestHistory> _requests = [];
    private readonly Dictionary<int, string> _oracles = [];
    private readonly Dictionary<string, List<(long Block, long Time)>> _withdrawals = [];
    private readonly List<long> _delays = [];
    private int _deliveries;
    private int _takenAway;
    private int _branches;

    private Judge(Recording recording) => _recording = recording;

    /// <summary>The events that a judgement needs.</summary>
    public static IReadOnlyList<string> Events { get; } =
    [
        "AccessRequested", "CommitteeDrawn", "CommitteeRedrawn", "RequestApproved", "PatientConsented", "GrantIssued", Delivered, "DeliveryRefused", "OpeningConfirmed", "RequestSettled", "UsedAgain", .. _ends,
        "ActorAdmitted", "LicenceWithdrawn", "ActorSuspended", "ActorRemoved",
    ];

    public static Verdict Decide(Recording recording)
    {
        var judge = new Judge(recording);
        judge.Replay();
        foreach (RequestFact fact in recording.Facts.Requests)
        {
            judge.CheckRequest(fact);
        }

        foreach (string folder in recording.Facts.EmptyFolders.Where(folder => recording.Folders.TryGetValue(folder, out IReadOnlyDictionary<string, string>? files) && files.Count > 0))
        {
            judge.Find(FindingKind.OpenedUngranted, Path.GetFileName(folder), "somebody opened what was granted to somebody else.");
        }

        foreach (string unknown in judge._requests.Keys.Except(recording.Facts.Requests.Select(r => r.Id)))
        {
            judge.Find(FindingKind.Unaccounted, unknown, "the chain has it, and the driver did not make it.");
        }

        return new Verdict(judge._findings, judge.Tally());
    }

    // Follows the blocks as they were seen. What a re-organisation took away counts for nothing, but for this: what an oracle once signed it must not contradict.
    private void Replay()
    {
        var signed = new Dictionary<(string Request, (int, int) Job, string Oracle), string>();
        long head = -1;
        foreach (SeenBlock block in _recording.Blocks)
        {
            if (block.Number <= head)
            {
                _branches++;
                foreach (RequestHistory history in _requests.Values)
                {
                    int before = history.Events.Count(e => e.Event.Name == Delivered);
                    history.TakeBack(block.Number);
                    _takenAway += before - history.Events.Count(e => e.Event.Name == Delivered);
                }

                foreach (List<(long Block, long Time)> times in _withdrawals.Values)
                {
                    times.RemoveAll(t => t.Block >= block.Number);
                }
            }

            head = block.Number;
            foreach (SeenEvent seen in block.Events)
            {
                Take(block, seen, signed);
            }
        }

        foreach (string gone in _requests.Where(r => r.Value.Events.Count == 0).Select(r => r.Key).ToArray())
        {
            _requests.Remove(gone);
        }
    }

    private void Take(SeenBlock block, SeenEvent seen, Dictionary<(string Request, (int, int) Job, string Oracle), string> signed)
    {
        switch (seen.Name)
        {
            case "ActorAdmitted":
                _oracles[(int)seen.Number("oracleIndex")] = seen["actor"];
                return;
            case "LicenceWithdrawn":
                Withdraw(seen["doctor"], block);
                return;
            case "ActorSuspended" or "ActorRemoved":
                Withdraw(seen["actor"], block);
                return;
        }

        string id = seen["requestId"];
        if (!_requests.TryGetValue(id, out RequestHistory? history))
        {
            _requests.Add(id, history = new RequestHistory());
        }

        if (seen.Name == Delivered)
        {
            var key = (id, history.Job(), seen["oracle"]);
            if (!signed.TryAdd(key, seen["deliveryDigest"]) && signed[key] != seen["deliveryDigest"])
            {
                Find(FindingKind.Contradiction, id, $"oracle {seen["oracle"]} signed two different deliveries for one job.");
            }
        }

        history.Add(block.Number, block.Time, seen);
    }

    private void Withdraw(string doctor, SeenBlock block)
    {
        if (!_withdrawals.TryGetValue(doctor, out List<(long Block, long Time)>? times))
        {
            _withdrawals.Add(doctor, times = []);
        }

        times.Add((block.Number, block.Time));
    }

    private void CheckRequest(RequestFact fact)
    {
        if (!_requests.TryGetValue(fact.Id, out RequestHistory? history))
        {
            Find(FindingKind.Unaccounted, fact.Id, "the driver made it, and the chain does not have it.");
            return;
        }

        bool isGranted = history.Events.Any(e => e.Event.Name == "GrantIssued");
        bool everFinal = CheckDeliveries(fact, history);
        if (fact.Expects != Expectation.Refused && !isGranted)
        {
            Find(FindingKind.NotGranted, fact.Id, "enough approvals were given, and the chain has no grant.");
        }

        if (fact.Expects == Expectation.Refused && everFinal)
        {
            Find(FindingKind.Granted, fact.Id, "a grant became final that should not have.");
        }

        CheckFolder(fact, everFinal);
    }

    // Goes through the request's events in the chain's order. Says whether a grant was final at any time.
    private bool CheckDeliveries(RequestFact fact, RequestHistory history)
    {
        IReadOnlyList<int> members = [];
        (long Block, long Time)? final = null;
        string? ended = null;
        bool everFinal = false;
        var answers = new Dictionary<int, string>();
        foreach ((long block, long time, SeenEvent seen) in history.Events)
        {
            if (final is { } due && due.Time <= time && ended is null && time < history.NotAfter)
            {
                everFinal = true;
            }

            switch (seen.Name)
            {
                case "CommitteeDrawn":
                    members = RequestHistory.MembersOf(seen);
                    break;
                case "CommitteeRedrawn":
                    (members, final) = ([], null);
                    answers.Clear();
                    break;
                case "GrantIssued":
                    final = (block + _recording.Facts.Confirmations, Math.Max(time, seen.Number("vetoUntil")));
                    break;
                case "UsedAgain":
                    answers.Clear();
                    break;
                case "DeliveryRefused":
                    answers.TryAdd((int)seen.Number("index"), "refused");
                    break;
                case Delivered:
                    CheckDelivery(fact, history, (block, time, seen), members, final, ended, answers);
                    break;
                case var end when Array.IndexOf(_ends, end) >= 0:
                    ended = end;
                    break;
            }
        }

        bool stands = final?.Time <= Math.Min(_recording.EndTime, history.NotAfter - 1) && ended is null;
        everFinal |= stands;
        if (fact.Expects == Expectation.Opened ? everFinal : stands && _recording.EndTime < history.NotAfter)
        {
            for (int index = 1; index <= members.Count; index++)
            {
                if (!answers.ContainsKey(index))
                {
                    Find(FindingKind.Lost, fact.Id, $"seat {index} ({OracleAt(members, index)}) neither delivered nor refused.");
                }
            }
        }

        return everFinal;
    }

    private void CheckDelivery(
        RequestFact fact, RequestHistory history, (long Block, long Time, SeenEvent Event) delivery, IReadOnlyList<int> members, (long Block, long Time)? final, string? ended, Dictionary<int, string> answers)
    {
        (long block, long time, SeenEvent seen) = delivery;
        int index = (int)seen.Number("index");
        _deliveries++;
        if (OracleAt(members, index) != seen["oracle"])
        {
            Find(FindingKind.Stranger, fact.Id, $"oracle {seen["oracle"]} delivered from seat {index}, which is not its own.");
        }

        if (!answers.TryAdd(index, "delivered"))
        {
            Find(FindingKind.Double, fact.Id, $"seat {index} had {answers[index]} when it delivered.");
        }

        if (final is not { } due)
        {
            Find(FindingKind.Early, fact.Id, $"seat {index} delivered without a grant.");
        }
        else if (time < due.Time)
        {
            Find(FindingKind.Early, fact.Id, $"seat {index} delivered {due.Time - time} s before the grant was final.");
        }
        else if (block <= due.Block)
        {
            // An oracle acts on what it has seen with so many blocks on top, so the earliest that can take its delivery is the one after those.
            Find(FindingKind.Early, fact.Id, $"seat {index} delivered in block {block}, before {_recording.Facts.Confirmations} blocks stood on the grant in block {due.Block - _recording.Facts.Confirmations}.");
        }
        else
        {
            _delays.Add(time - due.Time);
        }

        if (ended is not null || time >= history.NotAfter)
        {
            Find(FindingKind.AfterEnd, fact.Id, ended is not null ? $"seat {index} delivered after {ended}." : $"seat {index} delivered when the request's time was over.");
        }

        if (_withdrawals.TryGetValue(fact.Doctor, out List<(long Block, long Time)>? times) && times.Any(t => t.Block < block))
        {
            Find(FindingKind.AfterEnd, fact.Id, $"seat {index} delivered to a doctor who had no licence any more.");
        }

        if (!_recording.Objects.TryGetValue(seen["envelopeDigest"], out bool isThere) || !isThere)
        {
            Find(FindingKind.ObjectMissing, fact.Id, $"no store has what seat {index} delivered.");
        }
    }

    private void CheckFolder(RequestFact fact, bool everFinal)
    {
        IReadOnlyDictionary<string, string> files = _recording.Folders.TryGetValue(fact.Folder, out IReadOnlyDictionary<string, string>? found) ? found : new Dictionary<string, string>();
        foreach ((string name, string digest) in files)
        {
            if (!everFinal || fact.Expects == Expectation.Refused || !fact.Documents.TryGetValue(name, out string? sealedDigest))
            {
                Find(FindingKind.OpenedUngranted, fact.Id, $"{name} was opened without a grant for it.");
            }
            else if (digest != sealedDigest)
            {
                Find(FindingKind.NotOpened, fact.Id, $"{name} is not what was sealed.");
            }
        }

        if (fact.Expects == Expectation.Opened && fact.Documents.Keys.FirstOrDefault(name => !files.ContainsKey(name)) is { } missing)
        {
            Find(FindingKind.NotOpened, fact.Id, $"the doctor has no {missing}.");
        }
    }

    private string OracleAt(IReadOnlyList<int> members, int index) =>
        index >= 1 && index <= members.Count && _oracles.TryGetValue(members[index - 1], out string? oracle) ? oracle : "nobody";

    private void Find(FindingKind kind, string request, string detail) => _findings.Add(new Finding(kind, request, detail));

    private Tally Tally()
    {
        _delays.Sort();
        int Count(string name) => _requests.Values.Sum(r => r.Events.Count(e => e.Event.Name == name));
        return new Tally
        {
            Requests = _requests.Count,
            Approvals = Count("RequestApproved") + Count("PatientConsented"),
            Grants = Count("GrantIssued"),
            TakenBack = Count("GrantRevoked") + Count("RequestVetoed") + Count("RequestCancelled"),
            Expired = _requests.Values.Count(r => r.NotAfter <= _recording.EndTime && r.Events.All(e => e.Event.Name != "GrantIssued" && (e.Event.Name == "RequestExpired" || Array.IndexOf(_ends, e.Event.Name) < 0))),
            Denied = Count("RequestDenied"),
            Deliveries = _deliveries,
            Refusals = Count("DeliveryRefused"),
            Redraws = Count("CommitteeRedrawn"),
            Opened = _recording.Facts.Requests.Count(r => _recording.Folders.TryGetValue(r.Folder, out IReadOnlyDictionary<string, string>? files) && files.Count > 0),
            Branches = _branches,
            DeliveriesTakenAway = _takenAway,
            Faults = _recording.Facts.Faults.GroupBy(f => f.Kind).OrderBy(g => g.Key, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count()),
            MedianDelay = At(50),
            LongDelay = At(99),
            LongestDelay = _delays.Count == 0 ? 0 : _delays[^1],
        };
    }

    private long At(int percent) => _delays.Count == 0 ? 0 : _delays[Math.Max(0, ((_delays.Count * percent) + 99) / 100 - 1)];
}
