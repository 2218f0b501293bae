using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>
/// A scan, a table of measurements and laboratory values of Kiruthika's in one bundle, and every address by which doctor Nandhini could come to them: what each shows while they are closed, and while they are open.
/// </summary>
internal sealed class DoctorsWay
{
    private static readonly string[] _measurements = [.. File.ReadLines(RepositoryRoot.Combine("samples", "Diagnosis", "data", "wdbc.csv")).Take(2).Select(line => line[..line.LastIndexOf(',')])];

    // What the addresses of an appointment are called in the route table: another one must be looked at here, too.
    private static readonly string[] _routes =
    [
        "/doctor/appointments/{Id:int}", "/doctor/appointments/{id:int}/documents/{number:int}", "/doctor/appointments/{Id:int}/documents/{Number:int}/view", "/doctor/appointments/{id:int}/documents/{number:int}/frames/{frame:int}",
        "/doctor/appointments/{Id:int}/documents/{Number:int}/suggestion", "/doctor/appointments/{Id:int}/suggestion", "/doctor/appointments/{Id:int}/record", "/doctor/appointments/{id:int}/record/export",
    ];

    private readonly PortalHost _host;
    private readonly IReadOnlyList<(string Title, byte[] Bytes)> _files;

    private DoctorsWay(PortalHost host, string word, IReadOnlyList<(string, byte[])> files, int appointment) => (_host, Word, _files, Appointment) = (host, word, files, appointment);

    /// <summary>Stands in each title and each file, and nowhere else.</summary>
    public string Word { get; }

    /// <summary>What the doctor writes when asking.</summary>
    public string Reason => $"For the visit {Word}";

    /// <summary>The appointment's number.</summary>
    public int Appointment { get; }

    /// <summary>The doctor's page of it.</summary>
    public string Page => $"/doctor/appointments/{Appointment}";

    /// <summary>The request's id; empty before it was sent.</summary>
    public string Request { get; private set; } = string.Empty;

    /// <summary>Seals the files for Kiruthika, whose keys are unlocked, and lets Nandhini ask for them as soon as that is possible.</summary>
    public static async Task<DoctorsWay> AskAsync(PortalHost host, Visitor patient, Visitor doctor)
    {
        string word = $"way{Guid.NewGuid():n}";
        (string, byte[])[] files =
        [
            ($"{word}.dcm", DicomFixture.Make(2, word)),
            ($"{word}-sizes.csv", Encoding.ASCII.GetBytes(string.Join('\n', _measurements) + "\n")),
            ($"{word}-blood.csv", Encoding.ASCII.GetBytes($"time,analyte,value,unit\n2026-01-12T08:30Z,{word},1,g/L\n")),
        ];
        var way = new DoctorsWay(host, word, files, await SealAsync(host, files));
        await way.RequireClosedAsync(doctor);
        way.Request = await DemoPortal.AskAsync(doctor, patient, way.Appointment, way.Reason);
        return way;
    }

    /// <summary>What the ledger has of the request.</summary>
    public async Task<RequestRecord> RecordAsync() => (await _host.Services.GetRequiredService<PhrServices>().Services.Ledger.GetRequestAsync(RequestId.Parse(Request)))!;

    /// <summary>How often the ledger has an event of the request.</summary>
    public async Task<int> CountAsync<T>(Func<T, RequestId> requestOf)
    {
        int count = 0;
        await foreach (LedgerEntry entry in _host.Services.GetRequiredService<PhrServices>().Services.Ledger.ReadAsync(0))
        {
            count += entry.Events.OfType<T>().Count(e => requestOf(e) == RequestId.Parse(Request));
        }

        return count;
    }

    /// <summary>Waits until the doctor's page shows what was granted.</summary>
    public Task UntilOpenAsync(Visitor doctor) => DemoPortal.UntilAsync(async () =>
    {
        await _host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
        return (await doctor.ReadAsync(Page)).Contains("Give Prescription</h2>", StringComparison.Ordinal);
    });

    /// <summary>Requires that every address shows what it is for, so that what is closed elsewhere was there to be seen.</summary>
    public async Task RequireOpenAsync(Visitor doctor)
    {
        string page = await doctor.ReadAsync(Page);
        string[] titles = [.. Regex.Matches(page, $"<h2>({Word}[^<]*)</h2>").Select(m => m.Groups[1].Value)];
        Assert.Equal(_files.Select(f => f.Title).Order(StringComparer.Ordinal), titles.Order(StringComparer.Ordinal));
        Assert.Contains("<dd>Chennai</dd>", page, StringComparison.Ordinal);
        foreach ((int number, string title) in titles.Index())
        {
            using HttpResponseMessage document = await doctor.GetAsync($"{Page}/documents/{number}");
            Assert.Equal(HttpStatusCode.OK, document.StatusCode);
            Assert.Equal(_files.Single(f => f.Title == title).Bytes, await document.Content.ReadAsByteArrayAsync());
        }

        (int scan, int sizes) = (Array.IndexOf(titles, _files[0].Title), Array.IndexOf(titles, _files[1].Title));
        Assert.Contains(Word, await doctor.ReadAsync($"{Page}/documents/{scan}/view"), StringComparison.Ordinal);
        using (HttpResponseMessage frame = await doctor.GetAsync($"{Page}/documents/{scan}/frames/2"))
        {
            Assert.Equal("image/png", frame.Content.Headers.ContentType?.MediaType);
        }

        Assert.Contains("Probability of", await doctor.ReadAsync($"{Page}/documents/{sizes}/suggestion"), StringComparison.Ordinal);
        Assert.Contains("name=\"v0\"", await doctor.ReadAsync($"{Page}/suggestion"), StringComparison.Ordinal);
        Assert.Contains(Word, await doctor.ReadAsync($"{Page}/record"), StringComparison.Ordinal);
        Assert.Contains(Word, await doctor.ReadAsync($"{Page}/record/export?table=laboratory"), StringComparison.Ordinal);
    }

    /// <summary>Requires that no address shows anything of what is sealed, that files and frames are not there, and that no value can be asked about nor anything prescribed.</summary>
    public async Task RequireClosedAsync(Visitor doctor)
    {
        string[] there = [.. _host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(r => "/" + r.RoutePattern.RawText!.TrimStart('/')).Where(r => r.StartsWith("/doctor/appointments/", StringComparison.Ordinal)).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(_routes.Order(StringComparer.Ordinal), there);
        string[] pages = ["/doctor", "/doctor/requests", Page, $"{Page}/suggestion", $"{Page}/record", .. ((string[])["laboratory", "encounters", "access"]).Select(t => $"{Page}/record/export?table={t}")];
        foreach (string path in pages.Concat(Enumerable.Range(0, 3).SelectMany(n => (string[])[$"{Page}/documents/{n}/view", $"{Page}/documents/{n}/suggestion"])))
        {
            using HttpResponseMessage response = await doctor.GetAsync(path);
            string text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{path}: {(int)response.StatusCode}");
            Assert.DoesNotContain(Word, text, StringComparison.Ordinal);
            if (path.StartsWith(Page, StringComparison.Ordinal))
            {
                foreach (string told in (string[])["Chennai", "Probability of", "<image ", "class=\"scan\"", "name=\"v0\"", "value=\"prescribe\""])
                {
                    Assert.True(!text.Contains(told, StringComparison.Ordinal), $"{path}: {told}");
                }
            }
        }

        foreach (string path in Enumerable.Range(0, 3).SelectMany(n => (string[])[$"{Page}/documents/{n}", $"{Page}/documents/{n}/frames/1", $"{Page}/documents/{n}/frames/2"]))
        {
            using HttpResponseMessage response = await doctor.GetAsync(path);
            Assert.True(response.StatusCode == HttpStatusCode.NotFound, $"{path}: {(int)response.StatusCode}");
        }

        // Forms of these names with a right token, as from a page that was opened before.
        string token = (await doctor.OpenFormAsync("/account", "zone")).Controls.First(c => c.Name == "__RequestVerificationToken").Value;
        int prescriptions = await CountPrescriptionsAsync();
        foreach ((string path, string form, string field, string value) in ((string, string, string, string)[])[($"{Page}/suggestion", "values", "v0", "17.99"), (Page, "prescribe", "Text", "Sent to what is closed")])
        {
            using HttpResponseMessage response = await doctor.PostAsync(path, new Dictionary<string, string> { ["__RequestVerificationToken"] = token, ["_handler"] = form, [field] = value });
            string text = await response.Content.ReadAsStringAsync();
            Assert.True((int)response.StatusCode < 500, $"{path} {form}: {(int)response.StatusCode}");
            Assert.DoesNotContain("Probability of", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Word, text, StringComparison.Ordinal);
        }

        Assert.Equal(prescriptions, await CountPrescriptionsAsync());
    }

    private async Task<int> CountPrescriptionsAsync()
    {
        await using AsyncServiceScope scope = _host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PortalDb>().Prescriptions.CountAsync(p => p.AppointmentId == Appointment);
    }

    // The portal's form takes one file at a time; a bundle of three comes from a program.
    private static async Task<int> SealAsync(PortalHost host, IReadOnlyList<(string Title, byte[] Bytes)> files)
    {
        await using AsyncServiceScope scope = host.Services.CreateAsyncScope();
        ConsentServices services = scope.ServiceProvider.GetRequiredService<PhrServices>().Services;
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        KeyLease[] leases = [.. scope.ServiceProvider.GetRequiredService<KeyRing>().LeaseAll()];
        try
        {
            UnlockedKeys keys = leases.First(l => l.Keys.UserId == 3).Keys;
            BundleHeader header = await new PatientClient(services, keys.Patient!, keys.MainSecrets).SealAsync(
                [.. files.Select(file => (file, Kind: FileKind.Of(file.Bytes)!)).Select(f => new DocumentToSeal(new DocumentInfo(f.file.Title, f.Kind.MediaType) { VisibleLabels = [f.Kind.Label] }, () => new MemoryStream(f.file.Bytes)))]);
            var bundle = new SealedBundle { PatientId = 3, Bundle = header.BundleId.ToString(), HeaderDigest = header.Digest.ToString(), UploadedAt = DateTimeOffset.UtcNow, SealedLength = 1, Documents = files.Count };
            var appointment = new Appointment { PatientId = 3, DoctorId = 5, Bundle = bundle, CreatedAt = DateTimeOffset.UtcNow };
            db.Appointments.Add(appointment);
            await db.SaveChangesAsync();
            return appointment.Id;
        }
        finally
        {
            foreach (KeyLease lease in leases)
            {
                lease.Dispose();
            }
        }
    }
}
