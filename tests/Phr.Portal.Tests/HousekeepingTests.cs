using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>What the portal has begun on the ledger when it stops goes on afterwards, and uploads that are stuck keep nobody else's waiting.</summary>
public sealed class HousekeepingTests(EmergencyPortal portal) : IClassFixture<EmergencyPortal>
{
    private const int Kiruthika = 3;
    private const int Nandhini = 5;
    private const int Insurer = 8;
    private const int Ravi = 9;

    private static readonly string[] _told = ["agency@demo.example", "arun@demo.example", "gh@demo.example", "meena@demo.example"];

    private ConsentServices Services => portal.Host.Services.GetRequiredService<PhrServices>().Services;

    [Fact]
    public async Task Sharing_ProposedAndNotNoted_IsFoundOnTheLedgerAndFinished()
    {
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        PortalUser[] trustees = await portal.WithDbAsync(db => db.Trusteeships.Where(t => t.PatientId == Kiruthika).Select(t => t.Trustee!).ToArrayAsync());
        (BundleHeader header, Dealing dealing) = await WithKeysAsync(async leases =>
        {
            UnlockedKeys patient = leases.Single(l => l.Keys.UserId == Kiruthika).Keys;
            var client = new PatientClient(Services, patient.Patient!, patient.MainSecrets);
            BundleHeader header = await client.SealAsync([new DocumentToSeal(new DocumentInfo("stopped.png", "image/png"), () => new MemoryStream([1, 2, 3]))]);
            foreach (UnlockedKeys trustee in leases.Select(l => l.Keys).Where(k => trustees.Any(t => t.Id == k.UserId)))
            {
                await new TrusteeClient(Services, trustee.Trustee, trustee.TrusteeSecrets).OfferEnvelopeKeyAsync(header.BundleId, 1);
            }

            return (header, await client.DealAsync(header.BundleId, TrusteePlans.Of(trustees, portal.Host.Services.GetRequiredService<PhrServices>(), portal.Host.Services.GetRequiredService<PortalOptions>())!));
        });
        Assert.Equal(dealing.Digest, (await Services.Ledger.GetBundleAsync(header.BundleId))!.PendingDealing);
        string bundle = header.BundleId.ToString();
        await portal.WithDbAsync(db =>
        {
            db.Bundles.Add(new SealedBundle { PatientId = Kiruthika, Bundle = bundle, HeaderDigest = header.Digest.ToString(), UploadedAt = portal.Time.GetUtcNow(), SealedLength = 1, Documents = 1 });
            return db.SaveChangesAsync();
        });
        await UntilAsync(() => portal.WithDbAsync(db => db.Bundles.AnyAsync(b => b.Bundle == bundle && b.State == BundleState.Ready && b.EmergencyState == BundleState.Ready)));
        Assert.Equal(dealing.Digest.ToString(), await portal.WithDbAsync(db => db.Bundles.Where(b => b.Bundle == bundle).Select(b => b.Dealing).SingleAsync()));
        Assert.Equal(dealing.Digest, (await Services.Ledger.GetBundleAsync(header.BundleId))!.ActiveDealing);
    }

    [Theory]
    [InlineData(Insurer)]
    [InlineData(Kiruthika)]
    public async Task Uploads_ManyThatAreStuck_KeepNoOtherWaiting(int whose)
    {
        // The ledger knows none of these.
        string[] stuck = [.. Enumerable.Range(0, 220).Select(_ => BundleId.Random().ToString())];
        await portal.WithDbAsync(db =>
        {
            db.Bundles.AddRange(stuck.Select(bundle => new SealedBundle { PatientId = whose, Bundle = bundle, HeaderDigest = Digest.Random().ToString(), UploadedAt = portal.Time.GetUtcNow(), SealedLength = 1, Documents = 1 }));
            return db.SaveChangesAsync();
        });
        try
        {
            using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
            await portal.UploadAsync(kiruthika, $"behind {whose}.png");
        }
        finally
        {
            await portal.WithDbAsync(db => db.Bundles.Where(b => stuck.Contains(b.Bundle)).ExecuteDeleteAsync());
        }
    }

    [Fact]
    public async Task Request_NotedAndNotDrawn_IsDrawnAlthoughTheDoctorIsAway()
    {
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        using Visitor nandhini = await portal.EnterAsync("Nandhini");
        (BundleId bundle, int appointment) = await UploadAsync(kiruthika, "undrawn.png");
        RequestId request = await AskOnLedgerAsync(Nandhini, bundle, "Stopped before the draw.");
        await portal.WithDbAsync(db => db.Appointments.Where(a => a.Id == appointment).ExecuteUpdateAsync(set => set.SetProperty(a => a.Request, request.ToString())));

        // Each page says how it stands.
        Assert.Contains("Asked, being prepared.", Visitor.TextOf(await nandhini.ReadAsync($"/doctor/appointments/{appointment}")), StringComparison.Ordinal);
        Assert.Contains("being prepared", Visitor.TextOf(await nandhini.ReadAsync("/doctor/requests")), StringComparison.Ordinal);
        await nandhini.PressAsync("/sign-out");

        portal.Time.PutForward(TimeSpan.FromSeconds(61));
        await UntilAsync(async () => (await Services.Ledger.GetRequestAsync(request))!.Status == RequestStatus.Open);
        using (HttpResponseMessage accepted = await kiruthika.SubmitAsync("/patient", $"accept-{request}"))
        {
            Assert.True((int)accepted.StatusCode < 400, $"{accepted.StatusCode}");
        }

        Assert.NotNull((await Services.Ledger.GetRequestAsync(request))!.Grant);
    }

    [Fact]
    public async Task Request_OnTheLedgerAndNotNoted_GoesOnWhenTheDoctorAsksAgain()
    {
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        using Visitor nandhini = await portal.EnterAsync("Nandhini");
        (BundleId bundle, int appointment) = await UploadAsync(kiruthika, "unnoted.png");
        RequestId request = await AskOnLedgerAsync(Nandhini, bundle, "Stopped before it was noted.");
        int mails = await CountMailsAsync("A doctor asks for your records", "kiruthika@demo.example");
        using (HttpResponseMessage again = await nandhini.SubmitAsync("/doctor/requests", "ask", new Dictionary<string, string> { ["Chosen"] = $"{appointment}", ["Reason"] = "Once more.", ["Days"] = "1" }))
        {
            Assert.Contains("You had asked before, and the portal could not note it then. That request goes on now", Visitor.TextOf(await again.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        }

        Assert.Equal(request.ToString(), await portal.WithDbAsync(db => db.Appointments.Where(a => a.Id == appointment).Select(a => a.Request).SingleAsync()));
        Assert.Equal(RequestStatus.Open, (await Services.Ledger.GetRequestAsync(request))!.Status);
        Assert.Single(await Services.Ledger.ListRequestsAsync(new RequestFilter { BundleId = bundle }));
        Assert.Equal(mails + 1, await CountMailsAsync("A doctor asks for your records", "kiruthika@demo.example"));
        Assert.Contains("Stopped before it was noted.", await kiruthika.ReadAsync("/patient"), StringComparison.Ordinal);
        Assert.Contains("Waiting for the patient.", Visitor.TextOf(await nandhini.ReadAsync($"/doctor/appointments/{appointment}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Emergency_OnTheLedgerAndNotNoted_IsToldAndGoesOnWhenTheDoctorAsksAgain()
    {
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        using Visitor ravi = await portal.EnterAsync("Ravi");
        (BundleId bundle, _) = await UploadAsync(kiruthika, "unnoted emergency.png");
        int upload = await portal.WithDbAsync(db => db.Bundles.Where(b => b.Bundle == bundle.ToString()).Select(b => b.Id).SingleAsync());
        RequestId request = await AskOnLedgerAsync(Ravi, bundle, "Stopped in an emergency.", EmergencyCause.LifeInDanger);
        int[] before = await Task.WhenAll(_told.Select(to => CountMailsAsync("An emergency waits for your decision", to)));
        int patients = await CountMailsAsync("A doctor asks for your records in an emergency", "kiruthika@demo.example");
        Assert.Contains("You have asked for this upload in this emergency already. The patient and the trustees are told.", await EmergencyPortal.TryAskAsync(ravi, EmergencyPortal.Form(upload)), StringComparison.Ordinal);
        Assert.Equal(before.Select(count => count + 1), await Task.WhenAll(_told.Select(to => CountMailsAsync("An emergency waits for your decision", to))));
        Assert.Equal(patients + 1, await CountMailsAsync("A doctor asks for your records in an emergency", "kiruthika@demo.example"));
        Appointment noted = await portal.WithDbAsync(db => db.Appointments.SingleAsync(a => a.DoctorId == Ravi && a.BundleId == upload));
        Assert.Equal((request.ToString(), true), (noted.Request, noted.IsEmergency));
        Assert.Equal(RequestStatus.Open, (await Services.Ledger.GetRequestAsync(request))!.Status);

        // Once more tells nobody again.
        Assert.Contains("The patient and the trustees are told.", await EmergencyPortal.TryAskAsync(ravi, EmergencyPortal.Form(upload)), StringComparison.Ordinal);
        Assert.Equal(patients + 1, await CountMailsAsync("A doctor asks for your records in an emergency", "kiruthika@demo.example"));
        await portal.ApproveAsync(request.ToString());
        Assert.NotNull((await Services.Ledger.GetRequestAsync(request))!.Grant);
        await portal.ReviewAsync(request.ToString(), "1");
    }

    private async Task<(BundleId Bundle, int Appointment)> UploadAsync(Visitor patient, string name)
    {
        int upload = await portal.UploadAsync(patient, name);
        return await portal.WithDbAsync(async db => (BundleId.Parse(await db.Bundles.Where(b => b.Id == upload).Select(b => b.Bundle).SingleAsync()), await db.Appointments.Where(a => a.BundleId == upload).Select(a => a.Id).SingleAsync()));
    }

    // As the desk does, up to where the portal stops.
    private async Task<RequestId> AskOnLedgerAsync(int doctor, BundleId bundle, string reason, EmergencyCause cause = EmergencyCause.None)
    {
        byte[] licence = await portal.WithDbAsync(db => db.Users.Where(u => u.Id == doctor).Select(u => u.Doctor!.Licence!).SingleAsync());
        return await WithKeysAsync(async leases =>
        {
            UnlockedKeys keys = leases.Single(l => l.Keys.UserId == doctor).Keys;
            var client = new DoctorClient(Services, keys.Main, keys.MainSecrets, LicenceCredential.FromBytes(licence));
            BundleHeader header = await client.ReadHeaderAsync(bundle);
            RequestId request = await client.RequestAsync(bundle, new AccessQuestion
            {
                Documents = [.. header.Records().Select(d => d.Id)],
                Purpose = cause == EmergencyCause.None ? PurposeOfUse.Treatment : PurposeOfUse.EmergencyTreatment,
                NotAfter = portal.Time.GetUtcNow().AddHours(1),
                EmergencyReason = (int)cause,
                Reason = reason,
            });
            Assert.Equal(RequestStatus.AwaitingDraw, (await Services.Ledger.GetRequestAsync(request))!.Status);
            return request;
        });
    }

    private async Task<T> WithKeysAsync<T>(Func<IReadOnlyList<KeyLease>, Task<T>> work)
    {
        IReadOnlyList<KeyLease> leases = portal.Host.Services.GetRequiredService<KeyRing>().LeaseAll();
        try
        {
            return await work(leases);
        }
        finally
        {
            foreach (KeyLease lease in leases)
            {
                lease.Dispose();
            }
        }
    }

    private Task<int> CountMailsAsync(string subject, string to) => portal.WithDbAsync(db => db.Outbox.CountAsync(m => m.Subject == subject && m.Address == to));

    private Task UntilAsync(Func<Task<bool>> condition) => DemoPortal.UntilAsync(async () =>
    {
        await portal.Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
        return await condition();
    });
}
