using System.Collections.Concurrent;
using System.Security.Cryptography;
using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Soak.Faults;

/// <summary>Makes requests as doctors do, has them approved, and opens what was granted. A doctor asks for a bundle again only when the request before is done with.</summary>
internal sealed class Driver
{
    private static readonly TimeSpan _vetoWindow = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);
    private const int AtOnce = 40;

    private readonly Site _site;
    private readonly Random _random;
    private readonly Action<string> _say;
    private readonly ConcurrentDictionary<ActorId, SemaphoreSlim> _turns = new();
    private readonly SemaphoreSlim _places = new(AtOnce);
    private readonly ConcurrentBag<DrivenRequest> _done = [];
    private readonly List<(BundleHeader Header, IReadOnlyList<(string Name, string Digest)> Documents)> _bundles = [];

    public Driver(Site site, int seed, Action<string> say)
    {
        _site = site;
        _random = new Random(seed);
        _say = say;
    }

    /// <summary>Requests that are done with.</summary>
    public IReadOnlyCollection<DrivenRequest> Done => _done;

    /// <summary>Folders in which somebody tried to open what was granted to somebody else.</summary>
    public ConcurrentBag<string> StrangersFolders { get; } = [];

    /// <summary>Seals one bundle of two documents for each patient.</summary>
    public async Task SealAsync(CancellationToken ct)
    {
        foreach ((int i, PatientClient patient) in _site.Community.Patients.Index())
        {
            (string Name, byte[] Content)[] documents = [.. Enumerable.Range(1, 2).Select(d => ($"patient-{i + 1}-{d}.bin", RandomNumberGenerator.GetBytes(500 + _random.Next(2000))))];
            BundleHeader header = await _site.Community.SealAsync(patient, documents, _vetoWindow, ct);
            _bundles.Add((header, [.. documents.Select(d => (d.Name, Convert.ToHexStringLower(SHA256.HashData(d.Content))))]));
        }
    }

    /// <summary>Makes so many requests, spread over all doctors and bundles.</summary>
    public async Task RunAsync(int requests, CancellationToken ct)
    {
        int pairs = _bundles.Count * _site.Community.Doctors.Count;
        var kinds = new Queue<RequestKind>(KindsOf(requests));
        var lanes = new List<Task>();
        for (int pair = 0; pair < Math.Min(pairs, requests); pair++)
        {
            int count = (requests / pairs) + (pair < requests % pairs ? 1 : 0);
            RequestKind[] mine = [.. Enumerable.Range(0, count).Select(_ => kinds.Dequeue())];
            int doctor = pair % _site.Community.Doctors.Count;
            int bundle = (pair / _site.Community.Doctors.Count + doctor) % _bundles.Count;
            lanes.Add(Task.Run(() => LaneAsync(doctor, bundle, mine, ct), ct));
        }

        await Task.WhenAll(lanes);
    }

    // One of each kind first, in a run of that many; then as the seed says: three in four are granted and opened.
    private IEnumerable<RequestKind> KindsOf(int requests)
    {
        RequestKind[] all = Enum.GetValues<RequestKind>();
        RequestKind[] kinds = [.. Enumerable.Range(0, requests).Select(i => i < all.Length ? all[i] : _random.Next(8) switch { < 4 => RequestKind.Consented, < 6 => RequestKind.Approved, _ => all[_random.Next(all.Length)] })];
        _random.Shuffle(kinds);
        return kinds;
    }

    private async Task LaneAsync(int doctorIndex, int bundleIndex, RequestKind[] kinds, CancellationToken ct)
    {
        DoctorClient doctor = _site.Community.Doctors[doctorIndex];
        foreach (RequestKind kind in kinds)
        {
            await _places.WaitAsync(ct);
            DrivenRequest driven;
            try
            {
                driven = await OneAsync(doctor, bundleIndex, kind, ct);
            }
            finally
            {
                _places.Release();
            }

            _done.Add(driven);
            DoctorClient stranger = _site.Community.Doctors[(doctorIndex + 1) % _site.Community.Doctors.Count];
            if (stranger != doctor)
            {
                string folder = driven.Folder + "-stranger";
                StrangersFolders.Add(folder);
                await TryOpenAsync(stranger, driven.Id, folder, ct);
            }

            _say($"{_done.Count} done: {kind}");
        }
    }

    private async Task<DrivenRequest> OneAsync(DoctorClient doctor, int bundleIndex, RequestKind kind, CancellationToken ct)
    {
        (BundleHeader header, IReadOnlyList<(string Name, string Digest)> documents) = _bundles[bundleIndex];
        PatientClient patient = _site.Community.Patients[bundleIndex];
        bool both = kind != RequestKind.Approved;
        TimeSpan lifetime = kind == RequestKind.Expired ? TimeSpan.FromSeconds(30) : TimeSpan.FromHours(6);
        RequestId id = await InTurnAsync(doctor.Id, () => doctor.RequestAsync(
            header.BundleId,
            new AccessQuestion { Documents = [.. header.Documents.Take(both ? 2 : 1).Select(d => d.Id)], Purpose = PurposeOfUse.Treatment, NotAfter = TimeProvider.System.GetUtcNow() + lifetime },
            ct), ct);
        var driven = new DrivenRequest(id, doctor.Id, kind, documents.Take(both ? 2 : 1).ToDictionary(d => d.Name, d => d.Digest), Path.Combine(_site.Folder, "opened", id.ToString()));
        if (kind == RequestKind.Expired)
        {
            RequestRecord asked = await ReadAsync(id, ct);
            await UntilAsync(async () => (await _site.Community.Services.Ledger.GetHeadAsync(ct)).Time > asked.NotAfter, ct);
            await TryOpenAsync(doctor, id, driven.Folder, ct);
            return driven;
        }

        await InTurnAsync(doctor.Id, () => DoAsync(doctor.DrawCommitteeAsync(id, ct)), ct);
        switch (kind)
        {
            case RequestKind.Consented:
                await InTurnAsync(patient.Id, () => DoAsync(patient.ConsentAsync(id, cancellationToken: ct)), ct);
                await ServedAsync(doctor, driven, ct);
                break;
            case RequestKind.Approved:
                await ApproveAsync(id, ct);
                await ServedAsync(doctor, driven, ct);
                break;
            case RequestKind.Revoked:
                // While oracles work: some deliver before, nobody after.
                await InTurnAsync(patient.Id, () => DoAsync(patient.ConsentAsync(id, cancellationToken: ct)), ct);
                await InTurnAsync(patient.Id, () => DoAsync(patient.RevokeAsync(id, 1, ct)), ct);
                await TryOpenAsync(doctor, id, driven.Folder, ct);
                break;
            case RequestKind.Denied:
                await InTurnAsync(_site.Community.Guardians[0].Id, () => DoAsync(_site.Community.Guardians[0].ApproveAsync(id, ct)), ct);
                await InTurnAsync(_site.Community.Guardians[1].Id, () => DoAsync(_site.Community.Guardians[1].DenyAsync(id, 1, ct)), ct);
                await TryOpenAsync(doctor, id, driven.Folder, ct);
                break;
            default:
                await InTurnAsync(_site.Community.Guardians[0].Id, () => DoAsync(_site.Community.Guardians[0].ApproveAsync(id, ct)), ct);
                await InTurnAsync(patient.Id, () => DoAsync(patient.VetoAsync(id, ct)), ct);
                await TryOpenAsync(doctor, id, driven.Folder, ct);
                break;
        }

        return driven;
    }

    private async Task ApproveAsync(RequestId id, CancellationToken ct)
    {
        foreach (TrusteeClient guardian in _site.Community.Guardians)
        {
            await InTurnAsync(guardian.Id, () => DoAsync(guardian.ApproveAsync(id, ct)), ct);
        }

        // The outboxes open when the grant is final.
        await UntilAsync(async () => (await ReadAsync(id, ct)).IsFinal((await _site.Community.Services.Ledger.GetHeadAsync(ct)).Time), ct);
        foreach (TrusteeClient guardian in _site.Community.Guardians)
        {
            await InTurnAsync(guardian.Id, () => DoAsync(guardian.ReleaseAsync(ct)), ct);
        }
    }

    // Everyone has delivered before the doctor goes on; so the next request of the pair takes no oracle's job away.
    private async Task ServedAsync(DoctorClient doctor, DrivenRequest driven, CancellationToken ct)
    {
        await UntilAsync(async () => (await ReadAsync(driven.Id, ct)) is var record && record.Deliveries.Count + record.Refusals.Count >= record.Committee.Count, ct);
        await UntilAsync(async () => await TryOpenAsync(doctor, driven.Id, driven.Folder, ct), ct);
        await InTurnAsync(doctor.Id, () => DoAsync(doctor.CloseAsync(driven.Id, ct)), ct);
    }

    private async Task<bool> TryOpenAsync(DoctorClient doctor, RequestId id, string folder, CancellationToken ct)
    {
        try
        {
            return (await doctor.OpenAsync(id, new FolderDestination(folder), null, ct)).Succeeded;
        }
        catch (Exception e) when (IsPassing(e))
        {
            return false;
        }
    }

    private async Task<RequestRecord> ReadAsync(RequestId id, CancellationToken ct) =>
        await _site.Community.Services.Ledger.GetRequestAsync(id, ct) ?? throw new InvalidOperationException($"The ledger lost request {id}.");

    private static async Task<bool> DoAsync(Task task)
    {
        await task;
        return true;
    }

    // An actor's commands are numbered, so each waits for the one before. What a store that is cut off did is tried again.
    private async Task<T> InTurnAsync<T>(ActorId actor, Func<Task<T>> act, CancellationToken ct)
    {
        SemaphoreSlim turn = _turns.GetOrAdd(actor, _ => new SemaphoreSlim(1));
        await turn.WaitAsync(ct);
        try
        {
            using var patience = new CancellationTokenSource(_patience);
            while (true)
            {
                try
                {
                    return await act();
                }
                catch (Exception e) when (IsPassing(e) && !patience.IsCancellationRequested)
                {
                    await Task.Delay(500, ct);
                }
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_patience);
        while (true)
        {
            try
            {
                if (await condition())
                {
                    return;
                }
            }
            catch (Exception e) when (IsPassing(e))
            {
                // Seen again at the next look.
            }

            await Task.Delay(500, limit.Token);
        }
    }

    // A node that is cut off, or a ledger that moved on while a command was on its way, also past the short life of a request that is to expire.
    private static bool IsPassing(Exception e) =>
        e is IpfsUnavailableException or EthereumUnavailableException or HttpRequestException or IOException or EthereumRevertException
            or PhrDataException { Reason: PhrDataReason.NotFound } or LedgerRejectedException { Error: LedgerError.StaleDigest or LedgerError.CoolingDown or LedgerError.NotYet or LedgerError.Expired };
}

/// <summary>One request that was made.</summary>
internal sealed record DrivenRequest(RequestId Id, ActorId Doctor, RequestKind Kind, IReadOnlyDictionary<string, string> Documents, string Folder);

/// <summary>What becomes of a request.</summary>
internal enum RequestKind
{
    /// <summary>The patient consents in person.</summary>
    Consented,

    /// <summary>Both guardians approve one document, and nobody vetoes.</summary>
    Approved,

    /// <summary>The patient consents, and revokes at once.</summary>
    Revoked,

    /// <summary>One guardian approves, the other denies.</summary>
    Denied,

    /// <summary>One guardian approves, and the patient vetoes.</summary>
    Vetoed,

    /// <summary>Nobody answers until its time is over.</summary>
    Expired,
}
