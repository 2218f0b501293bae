using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Phr.Portal.Tests;

/// <summary>Fifty people at once.</summary>
[Collection(nameof(HostilePortal))]
public sealed class LoadTests(HostilePortal portal)
{
    private const int AtOnce = 50;

    /// <summary>Fifty sessions at the same moment, ten of them new patients who upload: everybody gets their own pages, and nobody an error.</summary>
    [Fact]
    public async Task FiftyPeople_AtOnce_AreServed()
    {
        bool isLong = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1";
        int newcomers = isLong ? AtOnce : 10;
        int rounds = isLong ? 10 : 1;
        (Visitor Visitor, int Id)[] patients = await Task.WhenAll(Enumerable.Range(0, newcomers).Select(i => portal.JoinAsync("patient", $"Crowd {i}")));
        var sessions = new List<Func<Task<string?>>>();
        for (int i = 0; i < newcomers; i++)
        {
            int number = i;
            sessions.Add(() => BePatientAsync(patients[number].Visitor, $"Crowd {number}", rounds));
        }

        (string Who, string[] Pages)[] others =
        [
            ("Kiruthika", ["/patient", "/patient/prescriptions", "/patient/insurance"]), ("Nandhini", ["/doctor", "/doctor/requests", "/doctor/insurance"]), ("Meena", ["/trustee"]),
            ("GH", ["/trustee", "/claims"]), ("Health Authority", ["/agency", "/trustee", "/claims"]), ("Asha Insurance", ["/insurer"]), ("Cloud", ["/cloud", "/cloud/reports", "/cloud/mail", "/cloud/result"]),
        ];
        for (int i = newcomers; i < AtOnce; i++)
        {
            (string who, string[] pages) = others[i % others.Length];
            sessions.Add(() => LookAroundAsync(who, pages, rounds));
        }

        string?[] faults = await Task.WhenAll(sessions.Select(session => Task.Run(session)));
        Assert.True(faults.All(fault => fault is null), string.Join('\n', faults.OfType<string>().Distinct()));

        // Each upload is there, once, and its owner's.
        int[] ids = [.. patients.Select(p => p.Id)];
        var counted = await portal.ReadAsync(db => db.Bundles.Where(b => ids.Contains(b.PatientId)).GroupBy(b => b.PatientId).Select(g => new { g.Key, Count = g.Count() }).ToListAsync());
        Assert.Equal(newcomers, counted.Count);
        Assert.All(counted, one => Assert.Equal(rounds, one.Count));
        foreach ((Visitor visitor, _) in patients)
        {
            visitor.Dispose();
        }
    }

    private static async Task<string?> BePatientAsync(Visitor patient, string name, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            using (HttpResponseMessage uploaded = await patient.UploadAsync([0xFF, 0xD8, 0xFF, 0xE0, .. new byte[20_000]], $"{name} {round}.jpg"))
            {
                if (uploaded.StatusCode != HttpStatusCode.Found || uploaded.Headers.Location!.OriginalString != "/patient")
                {
                    return $"{name}: the upload ended with {(int)uploaded.StatusCode} {uploaded.Headers.Location}";
                }
            }

            foreach (string page in (string[])["/patient", "/patient/record", "/patient/trustees", "/patient/prescriptions"])
            {
                using HttpResponseMessage response = await patient.GetAsync(page);
                string text = await response.Content.ReadAsStringAsync();
                if (response.StatusCode != HttpStatusCode.OK || !text.Contains($"<span>{name}</span>", StringComparison.Ordinal) || (page == "/patient" && !text.Contains($"{name} {round}.jpg", StringComparison.Ordinal)))
                {
                    return $"{name}: {page} {(int)response.StatusCode}";
                }
            }
        }

        return null;
    }

    private async Task<string?> LookAroundAsync(string who, string[] pages, int rounds)
    {
        using Visitor visitor = await portal.EnterAsync(who);
        for (int round = 0; round < rounds; round++)
        {
            foreach (string page in pages)
            {
                using HttpResponseMessage response = await visitor.GetAsync(page);
                if (response.StatusCode != HttpStatusCode.OK || !(await response.Content.ReadAsStringAsync()).Contains("LOGOUT", StringComparison.Ordinal))
                {
                    return $"{who}: {page} {(int)response.StatusCode}";
                }
            }
        }

        return null;
    }
}
