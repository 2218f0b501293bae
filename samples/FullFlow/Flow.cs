using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;
using Phr.Storage;

namespace Phr.Samples.FullFlow;

/// <summary>The steps of a story, each on the real parts, each shown as it happens.</summary>
internal sealed class Flow(string input, string folder, IReporter reporter, CancellationToken ct, SampleChain? chain = null, SampleIpfs? ipfs = null, OracleNetwork? network = null) : IAsyncDisposable
{
    private readonly List<string> _findings = [];
    private readonly List<DocumentLine> _documents = [];
    private readonly Dictionary<string, long> _sizes = [];
    private readonly Dictionary<string, double> _timings = [];
    private readonly string[] _files = [.. Directory.GetFiles(input).Where(f => Path.GetFileName(f) is not "README.md" && !Path.GetFileName(f).StartsWith('.')).Order(StringComparer.Ordinal)];
    private readonly HashSet<(RequestId Request, int Seat)> _away = [];
    private World? _world;
    private ulong _begin;
    private string? _openedFolder;

    public World World => _world ?? throw new InvalidOperationException("The story has not begun.");

    public BundleHeader Header { get; private set; } = null!;

    public IReadOnlyList<DocumentId> AllDocuments => [.. Header.Documents.Select(d => d.Id)];

    public CancellationToken Cancellation => ct;

    /// <summary>Where the story keeps its files.</summary>
    public string Folder => folder;

    /// <summary>Whether the ledger is one of contracts: each of its steps takes a block.</summary>
    public bool IsOnChain => chain is not null;

    public async ValueTask DisposeAsync()
    {
        if (_world is not null)
        {
            await _world.DisposeAsync();
        }
    }

    /// <summary>States what must hold; the story fails where it does not.</summary>
    public void Require(bool condition, string finding)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"This should hold and does not: {finding}");
        }

        _findings.Add(finding);
        reporter.Say($"✓ {finding}");
    }

    /// <summary>Tells what happens.</summary>
    public void Say(string text) => reporter.Say(text);

    public async Task<T> TimeAsync<T>(string what, Func<Task<T>> work)
    {
        var watch = Stopwatch.StartNew();
        T result = await work();
        _timings[what] = _timings.GetValueOrDefault(what) + watch.Elapsed.TotalMilliseconds;
        return result;
    }

    /// <summary>Step 1: seal the files, register the bundle, deal its keys to the trustees.</summary>
    public async Task SealAsync(TimeSpan? vetoWindow = null, TimeSpan? trusteeChangeDelay = null)
    {
        if (_files.Length == 0)
        {
            throw new InvalidOperationException($"There is no file in {input}.");
        }

        if (network is not null)
        {
            _begin = (await network.Shared.Ledger.GetHeadAsync(ct)).Number + 1;
        }

        _world = network is not null
            ? await World.JoinAsync(folder, chain!.Clock, network.Shared, ct)
            : await World.CreateAsync(folder, chain?.Clock ?? TimeProvider.System, ct, trusteeChangeDelay, chain is null ? null : chain.OpenLedgerAsync, ipfs?.Store);
        reporter.Say($"Registered: 1 patient, 1 doctor with a licence, 3 guardians, 2 hospitals, 1 agency, {World.Operators.Count} oracles of {World.Operators.Count} operators.");
        reporter.Step(1, "The patient seals the records and registers the bundle");
        IReadOnlyList<DocumentToSeal> documents = World.DocumentsOf(_files);
        long total = _files.Sum(f => new FileInfo(f).Length);
        long[] before = [.. _files.Select((_, i) => _files.Take(i).Sum(f => new FileInfo(f).Length))];
        Header = await TimeAsync("seal and store", () => reporter.ProgressAsync(
            "sealing",
            total,
            progress => World.Patient.SealAsync(documents, new Relay(p => progress.Report(before[p.Document] + p.Bytes)), ct)));
        _sizes["plaintext"] = total;
        _sizes["sealed documents"] = Header.Documents.Sum(d => d.CiphertextLength);
        _sizes["header"] = Header.ToBytes().Length;
        reporter.Say($"{_files.Length} files, {total:n0} bytes, sealed under {Header.Documents.Count} independent keys; bundle {Header.BundleId.ToString()[..16]}…");

        foreach (TrusteeClient trustee in World.Trustees)
        {
            await trustee.OfferEnvelopeKeyAsync(Header.BundleId, 1, ct);
        }

        TrusteePlan plan = World.PlanWith(vetoWindow ?? TimeSpan.FromSeconds(1));
        Dealing dealing = await TimeAsync("deal keys", () => World.Patient.DealAsync(Header.BundleId, plan, ct));
        _sizes["dealing"] = dealing.ToBytes().Length;
        foreach (TrusteeClient trustee in World.Trustees)
        {
            await TimeAsync("check shares", async () =>
            {
                await trustee.AcknowledgeAsync(dealing.Digest, ct);
                return true;
            });
        }

        await World.Patient.ActivateAsync(dealing, ct);
        reporter.Say("Keys shared among guardians (2 of 3), hospital and agency, two groups of three; every trustee opened and checked its share.");
    }

    /// <summary>The patient names who decides in emergencies: one guardian and the hospital, over shares of their own.</summary>
    public async Task PrepareForEmergenciesAsync()
    {
        TrusteeClient[] trustees = [.. World.Guardians, World.Hospital];
        uint epoch = (uint)(await World.Services.Ledger.GetBundleAsync(Header.BundleId, ct))!.LastEpoch + 1;
        foreach (TrusteeClient trustee in trustees)
        {
            await trustee.OfferEnvelopeKeyAsync(Header.BundleId, epoch, ct);
        }

        TrusteePlan ordinary = World.PlanWith(TimeSpan.FromSeconds(1));
        var plan = new TrusteePlan
        {
            Emergency = true,
            GroupThreshold = 2,
            Groups = [new TrusteeGroupPlan("guardians", 1, [.. World.Guardians.Select(g => g.Id)]), new TrusteeGroupPlan("hospital", 1, [World.Hospital.Id])],
            LicenceAuthorities = ordinary.LicenceAuthorities,
            OracleOperators = ordinary.OracleOperators,
            AccessRule = ordinary.AccessRule,
            VetoWindow = ordinary.VetoWindow,
        };
        Dealing dealing = await TimeAsync("deal keys", () => World.Patient.DealAsync(Header.BundleId, plan, ct));
        foreach (TrusteeClient trustee in trustees)
        {
            await trustee.AcknowledgeAsync(dealing.Digest, ct);
        }

        await World.Patient.ActivateAsync(dealing, ct);
        reporter.Say("For emergencies the keys are shared apart: one of three guardians, and the hospital.");
    }

    /// <summary>Seals one document again under new keys, and deals the new header's keys to the same trustees.</summary>
    public async Task<DocumentId> RotateAsync(DocumentId document)
    {
        reporter.Step(1, "The patient seals one document again, under new keys");
        BundleRotation rotation = await TimeAsync("seal again", () => World.Patient.RotateAsync(Header.BundleId, [document], null, ct));
        Header = rotation.Header;
        foreach (TrusteeClient trustee in World.Trustees)
        {
            await trustee.OfferEnvelopeKeyAsync(Header.BundleId, rotation.NextEpoch, ct);
        }

        Dealing dealing = await TimeAsync("deal keys", () => World.Patient.RefreshAsync(Header.BundleId, ct));
        foreach (TrusteeClient trustee in World.Trustees)
        {
            await trustee.AcknowledgeAsync(dealing.Digest, ct);
        }

        await World.Patient.ActivateAsync(dealing, ct);
        reporter.Say($"Header {Header.Sequence}, epoch {dealing.Epoch}: one document sealed again, {Header.Documents.Count - 1} named as before; every trustee holds new shares.");
        return rotation.Documents[0].After;
    }

    /// <summary>The trustees share the keys anew among themselves; the patient is not asked, and has the delay to stop it.</summary>
    public async Task<Dealing> RefreshAsync(IReadOnlyList<TrusteeClient> dealers)
    {
        uint epoch = (uint)(await World.Services.Ledger.GetBundleAsync(Header.BundleId, ct))!.LastEpoch + 1;
        foreach (TrusteeClient trustee in World.Trustees)
        {
            await trustee.OfferEnvelopeKeyAsync(Header.BundleId, epoch, ct);
        }

        ResharePlan plan = await dealers[0].ProposeReshareAsync(Header.BundleId, cancellationToken: ct);
        ReshareRecord record = (await World.Services.Ledger.GetReshareAsync(Header.BundleId, plan.Digest, ct))!;
        await WaitUntilAsync(record.NotBefore);
        reporter.Say("A trustee proposed to refresh the shares; the patient had time to stop it, and did not.");
        foreach (TrusteeClient dealer in dealers)
        {
            await TimeAsync("deal shares onward", async () =>
            {
                await dealer.ContributeToReshareAsync(plan.Digest, ct);
                return true;
            });
        }

        foreach (TrusteeClient trustee in World.Trustees)
        {
            ReshareCheck check = await TimeAsync("check shares", () => trustee.CheckReshareAsync(plan.Digest, ct));
            Require(check.Good.Count == dealers.Count && check.Faulty.Count == 0, $"trustee {trustee.Id.ToString()[..8]} found every dealer's sub-shares good");
        }

        foreach (TrusteeClient dealer in dealers)
        {
            await dealer.ConfirmReshareAsync(plan.Digest, cancellationToken: ct);
        }

        Digest made = (await World.Services.Ledger.GetBundleAsync(Header.BundleId, ct))!.PendingDealing!.Value;
        Dealing dealing = Dealing.FromBytes(await World.Services.Exchange.GetBlockAsync(made, ct));
        foreach (TrusteeClient trustee in World.Trustees)
        {
            await trustee.AcknowledgeAsync(dealing.Digest, ct);
        }

        await dealers[0].ActivateAsync(dealing, ct);
        foreach (TrusteeClient trustee in World.Trustees)
        {
            await trustee.FollowDealingAsync(Header.BundleId, ct);
        }

        reporter.Say($"Epoch {dealing.Epoch} is active: {dealing.Dealers.Count} trustees dealt their shares onward, and every trustee erased the old ones.");
        return dealing;
    }

    /// <summary>Steps 2 and 6: the doctor asks; the committee is drawn before any trustee seals anything.</summary>
    public async Task<RequestId> RequestAsync(IReadOnlyList<DocumentId>? documents = null, TimeSpan? lifetime = null, int emergencyReason = 0)
    {
        reporter.Step(2, "The doctor requests documents");
        RequestId request = await TimeAsync("request", () => World.Doctor.RequestAsync(
            Header.BundleId,
            new AccessQuestion
            {
                Documents = documents ?? AllDocuments,
                Purpose = emergencyReason == 0 ? PurposeOfUse.Treatment : PurposeOfUse.EmergencyTreatment,
                EmergencyReason = emergencyReason,
                NotAfter = World.Services.Time.GetUtcNow() + (lifetime ?? TimeSpan.FromHours(2)),
                Reason = emergencyReason == 0 ? "Suspected relapse; comparison with the earlier scan and laboratory values." : "Unconscious after a fall; anticoagulation unknown.",
            },
            ct));
        await World.Doctor.DrawCommitteeAsync(request, ct);
        RequestRecord record = await ReadAsync(request);
        reporter.Say($"{(documents ?? AllDocuments).Count} of {AllDocuments.Count} documents, purpose {(emergencyReason == 0 ? "TREAT" : "ETREAT")}; the ledger holds commitments only.");
        reporter.Step(6, "The ledger draws the committee by reputation, before anyone seals to it");
        reporter.Say($"{record.Committee.Count} of {World.Operators.Count} oracles, {record.Threshold} must answer; leader {NameOf(record.Committee[0].Oracle)}; with it {string.Join(", ", record.Committee.Skip(1).Select(m => NameOf(m.Oracle)))}.");
        return request;
    }

    /// <summary>Step 3, by trustees.</summary>
    public async Task ApproveAsync(RequestId request, params IReadOnlyList<TrusteeClient> trustees)
    {
        reporter.Step(3, $"{trustees.Count} trustee(s) review and approve");
        foreach (TrusteeClient trustee in trustees)
        {
            await TimeAsync("approve", async () =>
            {
                await trustee.ApproveAsync(request, ct);
                return true;
            });
        }

        reporter.Say("Each made key fragments for this doctor, request and committee alone; they stay in its outbox.");
    }

    /// <summary>Step 3, by the patient in person.</summary>
    public async Task ConsentAsync(RequestId request, IReadOnlyList<DocumentId>? documents = null)
    {
        reporter.Step(3, "The patient consents in person");
        RequestReview review = await World.Patient.ReviewAsync(request, ct);
        reporter.Say($"Asked by licence {review.Body.Licence.LicenceNumber} ({review.Body.Licence.Speciality}): “{review.Body.Reason}”");
        await TimeAsync("approve", async () =>
        {
            await World.Patient.ConsentAsync(request, documents, ct);
            return true;
        });
    }

    /// <summary>Step 4: the grant, final when the veto window is over; then the outboxes are released.</summary>
    public async Task<RequestRecord> WaitForGrantAsync(RequestId request)
    {
        reporter.Step(4, "The ledger counts the approvals and grants");
        RequestRecord record = await TimeAsync("veto window", () => World.Doctor.WaitForGrantAsync(request, ct));
        if (record.IsFinal(World.Services.Time.GetUtcNow()))
        {
            await WaitUntilAsync(record.Grant!.VetoUntil);
            reporter.Say("The grant is final.");
        }

        await ReleaseAsync();
        return record;
    }

    /// <summary>Waits for a time: by the clock, and on a chain until a block has it, for oracles take the earlier of the two.</summary>
    public async Task WaitUntilAsync(DateTimeOffset time)
    {
        TimeSpan left = time - World.Services.Time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left + TimeSpan.FromMilliseconds(50), ct);
        }

        while (chain is not null && (await World.Services.Ledger.GetHeadAsync(ct)).Time < time)
        {
            await Task.Delay(100, ct);
        }
    }

    public async Task<int> ReleaseAsync()
    {
        int released = 0;
        foreach (TrusteeClient trustee in World.Trustees)
        {
            released += (await trustee.ReleaseAsync(ct)).Count;
        }

        return released;
    }

    /// <summary>Some of a committee do not serve until they are asked to. Where oracles are processes, which serve unasked, these are stopped.</summary>
    public async Task KeepAwayAsync(RequestId request, params IEnumerable<int> seats)
    {
        RequestRecord record = await ReadAsync(request);
        int[] away = [.. seats];
        _away.UnionWith(away.Select(seat => (request, seat)));
        if (network is not null)
        {
            await network.StopAsync([.. away.Select(seat => record.Committee[seat - 1].Oracle)], ct);
            reporter.Say($"Stopped: {string.Join(", ", away.Select(seat => NameOf(record.Committee[seat - 1].Oracle)))}.");
        }
    }

    /// <summary>One of the committee delivers falsely. It is no product of ours: it runs here, with what its stopped process has on disk.</summary>
    public async Task LieAsync(RequestId request, int seat)
    {
        ActorId oracle = (await ReadAsync(request)).Committee[seat - 1].Oracle;
        if (network is null)
        {
            SampleOracle liar = World.Oracles.Single(o => o.Identity.Id == oracle);
            await LyingOracle.DeliverAsync(World.Services, liar.Identity, liar.Secrets, request, ct);
            return;
        }

        (IdentityKeys keys, ISecretStore secrets) = await network.BorrowAsync(oracle, ct);
        await LyingOracle.DeliverAsync(World.Services, keys, secrets, request, ct);
    }

    /// <summary>Steps 5 and 7: the committee's oracles fetch, verify, re-encrypt and deliver.</summary>
    public async Task<IReadOnlyList<JobOutcome>> ServeAsync(RequestId request, Func<int, bool>? serves = null)
    {
        RequestRecord record = await ReadAsync(request);
        var outcomes = new List<JobOutcome>();
        reporter.Step(5, "Oracles fetch header, dealing, approvals and envelopes, and verify every byte");
        CommitteeMember[] serving = [.. record.Committee.Where(m => serves?.Invoke(m.Index) ?? true)];
        _away.ExceptWith(serving.Select(m => (request, m.Index)));
        if (network is not null)
        {
            if (record.Committee.Any(m => !serving.Contains(m) && record.Delivery(m.Index) is null && !_away.Contains((request, m.Index))))
            {
                throw new InvalidOperationException("Who is not to serve has to be kept away before the grant.");
            }

            outcomes.AddRange(await TimeAsync("re-encrypt and deliver", () => network.ServeAsync(request, [.. serving.Select(m => m.Oracle)], ct)));
        }

        foreach (CommitteeMember member in network is null ? serving : [])
        {
            OracleWorker worker = World.Oracles.Single(o => o.Identity.Id == member.Oracle).Worker;
            outcomes.AddRange(await TimeAsync("re-encrypt and deliver", () => worker.ProcessPendingAsync(ct)));
        }

        reporter.Step(7, "Oracles re-encrypt and deliver, with a proof for every fragment");
        reporter.Say($"{outcomes.Count(o => o.State == JobState.Delivered)} delivered.");
        return outcomes;
    }

    /// <summary>Step 8: the doctor verifies, combines and opens.</summary>
    public async Task<OpenResult> OpenAsync(RequestId request)
    {
        reporter.Step(8, "The doctor verifies every contribution, combines, and opens");
        string destination = Path.Combine(folder, "opened");
        OpenResult result = await TimeAsync("verify, combine, open", () => World.Doctor.OpenAsync(request, new FolderDestination(destination), null, ct));
        foreach (OpenedFile file in result.Files)
        {
            string original = _files.Single(f => Path.GetFileName(f) == file.Document.Info.Title);
            (bool equal, long length, string digest) = await CompareAsync(file.Name, original, ct);
            _documents.Add(new DocumentLine(Path.GetFileName(file.Name), length, digest, equal));
            _openedFolder = destination;
            Require(equal, $"{Path.GetFileName(file.Name)} is equal to the original, byte by byte, with {file.Document.SourceSignatures.Count} verified source signature");
        }

        foreach (IGrouping<(FaultyParty, ActorId, int, string), ContributionFault> fault in result.Faults.GroupBy(f => (f.Party, f.Actor, f.Index, f.Detail)))
        {
            (FaultyParty party, ActorId actor, int seat, string detail) = fault.Key;
            reporter.Say(party == FaultyParty.Oracle ? $"✗ {NameOf(actor)}, seat {seat}: {detail}" : $"✗ trustee {actor.ToString()[..8]}: {detail}");
        }

        if (!result.Succeeded)
        {
            reporter.Say($"Not opened: {result.Missing}");
        }

        return result;
    }

    /// <summary>The other way of delivery, where oracles are processes: the doctor asks them instead of the content store, the leader first, and then the next.</summary>
    public async Task PullAsync(RequestId request)
    {
        if (network is not null)
        {
            // A member assembles what it has seen itself, and may be a look at the chain behind.
            RequestRecord record = await ReadAsync(request);
            Digest[] wanted = [.. record.Deliveries.Select(delivery => delivery.EnvelopeDigest).Order()];
            await network.WaitForHeadAsync([.. record.Deliveries.Select(delivery => delivery.Oracle)], ct);
            using var source = new HttpDeliverySource(network.Addresses) { Timeout = TimeSpan.FromMinutes(1) };
            IReadOnlyList<ReadOnlyMemory<byte>> pulled = await source.FetchAsync(record, ct);
            Require(
                pulled.Select(envelope => Digest.Of(envelope.Span)).Order().SequenceEqual(wanted),
                "pulled from the oracles directly, with the leader away, are the same deliveries as in the content store");
        }
    }

    public async Task RateAndCloseAsync(RequestId request, OpenResult result)
    {
        await World.Doctor.RateAsync(request, result, ct);
        await World.Doctor.CloseAsync(request, ct);
        reporter.Say("The doctor rated the oracles, closed the request and erased its receiving key.");
    }

    public async Task<RequestRecord> ReadAsync(RequestId request) => (await World.Services.Ledger.GetRequestAsync(request, ct))!;

    public string NameOf(ActorId oracle) => network?.NameOf(oracle) ?? World.Oracles.FirstOrDefault(o => o.Identity.Id == oracle)?.Name ?? oracle.ToString()[..8];

    public async Task<ScenarioResult> CollectAsync(string name, string? failure, double seconds)
    {
        var trail = new List<TrailLine>();
        if (_world is not null)
        {
            bool begun = false;
            await foreach (LedgerEntry entry in _world.Services.Ledger.ReadAsync(_begin, CancellationToken.None))
            {
                begun |= entry.Events.Any(e => e is BundleRegistered);
                string[] events = [.. entry.Events.Where(e => e is not NonceUsed).Select(e => e.GetType().Name)];
                if (begun && events.Length > 0)
                {
                    trail.Add(new TrailLine(entry.Number, entry.Time, events));
                }
            }

            if (_world.Services.Ledger is EmbeddedConsentLedger embedded && await embedded.VerifyAsync(null, CancellationToken.None) is { IsValid: false } verification && failure is null)
            {
                failure = $"The ledger does not verify: {verification.What}";
            }
        }

        return new ScenarioResult
        {
            Scenario = name,
            Ok = failure is null,
            Failure = failure,
            Seconds = seconds,
            Findings = _findings,
            Documents = _documents,
            Trail = trail,
            Sizes = _sizes,
            Timings = _timings,
            Gas = chain?.TakeGas(),
            OpenedFolder = _openedFolder,
        };
    }

    // Byte by byte and in pieces: a genome does not fit into memory.
    private static async Task<(bool Equal, long Length, string Digest)> CompareAsync(string opened, string original, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using FileStream left = File.OpenRead(opened), right = File.OpenRead(original);
        byte[] a = new byte[1 << 16], b = new byte[1 << 16];
        bool equal = left.Length == right.Length;
        int read;
        while ((read = await left.ReadAtLeastAsync(a, a.Length, throwOnEndOfStream: false, ct)) > 0)
        {
            hash.AppendData(a, 0, read);
            int other = await right.ReadAtLeastAsync(b.AsMemory(0, read), read, throwOnEndOfStream: false, ct);
            equal &= other == read && a.AsSpan(0, read).SequenceEqual(b.AsSpan(0, read));
        }

        return (equal, left.Length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private sealed class Relay(Action<SealProgress> report) : IProgress<SealProgress>
    {
        public void Report(SealProgress value) => report(value);
    }
}
