using System.Diagnostics;
using System.Security.Cryptography;
using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Soak.Throughput;

/// <summary>What jobs are made of.</summary>
/// <param name="Jobs">How many requests wait, all granted and final.</param>
/// <param name="Documents">Documents for which each request asks.</param>
/// <param name="Approvals">Who approves: 1 is the patient, 2 are the two guardians. For each there is a fragment to re-encrypt with for every document.</param>
/// <param name="Bundles">Over how many bundles the requests are spread; where it is the number of jobs, no two are about the same bundle.</param>
internal sealed record Work(int Jobs, int Documents, int Approvals, int Bundles)
{
    /// <summary>Re-encryptions that one job needs.</summary>
    public int Fragments => Documents * Approvals;
}

/// <summary>Requests that wait for their oracles, on an embedded ledger with its stores in one folder. Every one of the five oracles has all of them to do.</summary>
internal sealed class Backlog : IAsyncDisposable
{
    // More than there are cores: most of the time is spent waiting for the disk.
    private const int MaxPatients = 16;

    // In memory, files are kept by the page.
    private const int RoomForAJob = 100_000;
    private const long RoomForAll = 1L << 30;

    private readonly Community _community;
    private readonly IdentityKeys _agency;

    private readonly string _workshop;

    private Backlog(string folder, string workshop, Community community, IdentityKeys agency)
    {
        Folder = folder;
        _workshop = workshop;
        _community = community;
        _agency = agency;
    }

    public string Folder { get; }

    public IReadOnlyList<(string Name, IdentityKeys Keys, string Secrets)> Oracles => [.. _community.Oracles.Select(o => (o.Name, o.Keys, Path.Combine(Folder, "devices", o.Name)))];

    public static async Task<Backlog> PrepareAsync(Work work, CancellationToken ct)
    {
        // Preparing is not measured, and most of it is making files and waiting for the disk: so it is done in memory where there is room, and what comes of it is copied to the disk.
        string folder = Directory.CreateTempSubdirectory("phr-throughput-").FullName;
        string workshop = MakeWorkshop(work) ?? folder;
        var agency = IdentityKeys.Generate();
        int doctors = (work.Jobs + work.Bundles - 1) / work.Bundles;
        ConsentServices services = await OpenAsync(workshop, agency, ct);
        var backlog = new Backlog(
            folder, workshop, await Community.CreateAsync(workshop, services, agency, patients: work.Approvals == 1 ? Math.Min(work.Bundles, MaxPatients) : 1, doctors, ct), agency);
        await backlog.AskAsync(work, ct);
        if (workshop != folder)
        {
            await backlog.MoveAsync(ct);
        }

        return backlog;
    }

    /// <summary>One command of the patient's, to see what an entry into the ledger takes.</summary>
    public Task CommandAsync(CancellationToken ct) => _community.Patients[0].ConfirmPresenceAsync(ct);

    public async ValueTask DisposeAsync()
    {
        await _community.Services.Ledger.DisposeAsync();
        _community.Dispose();
        _agency.Dispose();
        Directory.Delete(Folder, recursive: true);
        if (_workshop != Folder)
        {
            Directory.Delete(_workshop, recursive: true);
        }
    }

    /// <summary>A request that waits.</summary>
    public RequestId Request { get; private set; }

    /// <summary>Ledger, stores and clock.</summary>
    public ConsentServices Services => _community.Services;

    private static async Task<ConsentServices> OpenAsync(string folder, IdentityKeys agency, CancellationToken ct)
    {
        var rules = new LedgerParameters { FoundingAgency = agency.Id, DeliveryWindow = TimeSpan.FromDays(2) };
        return new ConsentServices
        {
            Ledger = await EmbeddedConsentLedger.OpenAsync(Path.Combine(folder, "ledger.db"), new EmbeddedLedgerOptions { CreateWith = rules }, ct),
            Records = DirectoryContentStore.Open(Path.Combine(folder, "records")),
            Exchange = DirectoryContentStore.Open(Path.Combine(folder, "exchange")),
        };
    }

    // A folder in memory; null where there is none, or not room enough.
    private static string? MakeWorkshop(Work work)
    {
        const string memory = "/dev/shm";
        long needed = RoomForAll + (work.Jobs * (long)RoomForAJob);
        GCMemoryInfo free = GC.GetGCMemoryInfo(GCKind.Any);
        return !Directory.Exists(memory) || new DriveInfo(memory).AvailableFreeSpace < needed || free.TotalAvailableMemoryBytes - free.MemoryLoadBytes < needed
            ? null
            : Directory.CreateDirectory(Path.Combine(memory, $"phr-throughput-{Guid.NewGuid():n}")).FullName;
    }

    // With its links, and flushed, so that what is measured later does not wait for it. The devices of patients and doctors stay where they are.
    private async Task MoveAsync(CancellationToken ct)
    {
        await _community.Services.Ledger.DisposeAsync();
        await RunAsync("cp", ["-a", _workshop + "/.", Folder], ct);
        await RunAsync("sync", ["-f", Folder], ct);
        foreach (string store in (string[])["records", "exchange"])
        {
            Directory.Delete(Path.Combine(_workshop, store), recursive: true);
        }

        _community.Use(await OpenAsync(Folder, _agency, ct));
    }

    private static async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken ct)
    {
        using Process process = Process.Start(program, arguments);
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
        {
            throw new IOException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }

    private async Task AskAsync(Work work, CancellationToken ct)
    {
        // Patients at once, so that the ledger writes what waits together; whoever has a device of their own, one after the other.
        using var guardians = new SemaphoreSlim(1);
        SemaphoreSlim[] turns = [.. _community.Doctors.Select(_ => new SemaphoreSlim(1))];
        await Parallel.ForEachAsync(Enumerable.Range(0, _community.Patients.Count), new ParallelOptions { MaxDegreeOfParallelism = _community.Patients.Count, CancellationToken = ct }, async (p, cancel) =>
        {
            PatientClient patient = _community.Patients[p];
            for (int b = p; b < work.Bundles; b += _community.Patients.Count)
            {
                (string, byte[])[] documents = [.. Enumerable.Range(1, work.Documents).Select(i => ($"{i}.bin", RandomNumberGenerator.GetBytes(1000)))];
                BundleHeader header = await InTurnAsync(guardians, () => _community.SealAsync(patient, documents, TimeSpan.Zero, cancel), cancel);
                foreach ((int d, DoctorClient doctor) in _community.Doctors.Take(work.Jobs - (b * turns.Length)).Index())
                {
                    Request = await InTurnAsync(turns[d], () => AskAsync(work, header, doctor, patient, cancel), cancel);
                }
            }
        });
    }

    private static async Task<T> InTurnAsync<T>(SemaphoreSlim turn, Func<Task<T>> act, CancellationToken ct)
    {
        await turn.WaitAsync(ct);
        try
        {
            return await act();
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<RequestId> AskAsync(Work work, BundleHeader header, DoctorClient doctor, PatientClient patient, CancellationToken ct)
    {
        RequestId request;
        do
        {
            // Where there are only as many oracles as seats, one draw in some thousands finds too few in its 256 attempts: then one asks again.
            request = await doctor.RequestAsync(
                header.BundleId,
                new AccessQuestion { Documents = [.. header.Documents.Select(d => d.Id)], Purpose = PurposeOfUse.Treatment, NotAfter = _community.Services.Time.GetUtcNow().AddDays(3) },
                ct);
            await doctor.DrawCommitteeAsync(request, ct);
        }
        while ((await _community.Services.Ledger.GetRequestAsync(request, ct))!.Committee.Count == 0);

        if (work.Approvals == 1)
        {
            await patient.ConsentAsync(request, cancellationToken: ct);
            return request;
        }

        foreach (TrusteeClient guardian in _community.Guardians)
        {
            await guardian.ApproveAsync(request, ct);
        }

        foreach (TrusteeClient guardian in _community.Guardians)
        {
            await guardian.ReleaseAsync(ct);
        }

        return request;
    }
}
