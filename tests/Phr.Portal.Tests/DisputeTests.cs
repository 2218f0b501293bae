using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Portal.Tests;

/// <summary>An oracle that lies to a doctor of the portal: the document opens, and nobody has to press anything for the oracle to lose its bond.</summary>
public class DisputeTests
{
    [Fact]
    public async Task Open_OracleThatLies_ShowsTheDocumentAndTakesItsBond()
    {
        CancellationToken ct = TestContext.Current.CancellationToken;
        await using PortalHost portal = await PortalHost.StartAsync(demo: true);
        using Visitor patient = await DemoPortal.EnterAsync(portal, "Kiruthika"), doctor = await DemoPortal.EnterAsync(portal, "Nandhini");
        byte[] scan = await File.ReadAllBytesAsync(RepositoryRoot.Combine("samples", "FullFlow", "records", "scan.png"), ct);
        using (HttpResponseMessage uploaded = await patient.UploadAsync(scan, "disputed.png"))
        {
            Assert.Equal("/patient", uploaded.Headers.Location!.OriginalString);
        }

        int appointment = await DemoPortal.AppointmentOfAsync(portal, patient, "disputed.png");
        string request = await DemoPortal.AskAsync(doctor, patient, appointment, "To see what an oracle can do");

        // From here on the test plays the oracles, with their own keys: the second lies, the others are honest.
        await portal.Services.GetRequiredService<EmbeddedOracles>().DisposeAsync();
        using (HttpResponseMessage accepted = await patient.SubmitAsync("/patient", $"accept-{request}"))
        {
            Assert.True((int)accepted.StatusCode < 400, $"{accepted.StatusCode}");
        }

        ConsentServices services = portal.Services.GetRequiredService<PhrServices>().Services;
        RequestId id = await RequestOfAsync(portal, appointment);
        RequestRecord record = (await services.Ledger.GetRequestAsync(id, ct))!;
        Assert.NotNull(record.Grant);
        ActorId liar = record.Committee[1].Oracle;
        foreach (string folder in Directory.EnumerateDirectories(Path.Combine(portal.Folder, "ledger", "oracles")))
        {
            string passphrase = await File.ReadAllTextAsync(Path.Combine(folder, "passphrase"), ct);
            using IdentityKeys keys = await KeyFile.LoadIdentityAsync(Path.Combine(folder, "oracle.key"), passphrase.AsMemory(), ct);
            using var secrets = new FileSecretStore(Path.Combine(folder, "secrets"), keys);
            if (keys.Id == liar)
            {
                await LyingOracle.DeliverAsync(services, keys, secrets, id, ct);
            }
            else if (record.Committee.Any(seat => seat.Oracle == keys.Id))
            {
                await new OracleWorker(services, keys, secrets, new OracleOptions { EnvelopeGrace = TimeSpan.FromSeconds(1) }).ProcessPendingAsync(ct);
            }
        }

        record = (await services.Ledger.GetRequestAsync(id, ct))!;
        Assert.True(record.Deliveries.Count > record.Threshold, $"{record.Deliveries.Count} deliveries");
        using (HttpResponseMessage opened = await doctor.GetAsync($"/doctor/appointments/{appointment}/documents/0"))
        {
            Assert.Equal(scan, await opened.Content.ReadAsByteArrayAsync(ct));
        }

        DisputeRecord dispute = Assert.Single(await services.Ledger.ListDisputesAsync(liar, ct));
        Assert.Equal((id, record.Doctor), (dispute.RequestId, dispute.Challenger));
        Assert.Equal((0ul, 0), ((await services.Ledger.GetActorAsync(liar, ct))!.Bond, (await services.Ledger.GetActorAsync(liar, ct))!.Reputation!.Correctness));
    }

    private static async Task<RequestId> RequestOfAsync(PortalHost portal, int appointment)
    {
        await using AsyncServiceScope scope = portal.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<PortalDb>().Appointments.SingleAsync(a => a.Id == appointment)).RequestId!.Value;
    }
}
