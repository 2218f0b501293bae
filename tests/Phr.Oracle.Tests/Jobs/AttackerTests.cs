using System.Security.Cryptography;
using System.Text;
using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>What somebody gets who takes everything that is stored, or who stands beside the policy.</summary>
public class AttackerTests
{
    private const string Content = "CONTENT-MARKER-5b1f0c: adenocarcinoma", Title = "TITLE-MARKER-9d2e", Reason = "REASON-MARKER-77ac", Term = "termmarkerq4";

    [Fact]
    public async Task Stores_AfterAWholeRequest_HoldNeitherContentNorTitleNorReasonNorSearchTermNorKey()
    {
        await using Story story = await Story.BeginAsync();
        World world = story.World;
        BundleHeader header = await world.Patient.SealAsync(
        [
            new DocumentToSeal(new DocumentInfo(Title, "text/plain"), () => new MemoryStream(Encoding.UTF8.GetBytes(Content))) { SearchTerms = [SearchTerm.Word(Term)] },
        ]);
        foreach (TrusteeClient trustee in world.Trustees)
        {
            await trustee.OfferEnvelopeKeyAsync(header.BundleId, 1);
        }

        Dealing dealing = await world.Patient.DealAsync(header.BundleId, world.PlanWith(TimeSpan.FromMinutes(10)));
        foreach (TrusteeClient trustee in world.Trustees)
        {
            await trustee.AcknowledgeAsync(dealing.Digest);
        }

        await world.Patient.ActivateAsync(dealing);
        RequestId request = await world.Doctor.RequestAsync(header.BundleId, new AccessQuestion
        {
            Documents = [header.Documents[0].Id],
            Purpose = PurposeOfUse.Treatment,
            NotAfter = story.Clock.GetUtcNow().AddHours(3),
            Reason = Reason,
        });
        await world.Doctor.DrawCommitteeAsync(request);
        await world.Guardians[0].ApproveAsync(request);
        await world.Guardians[1].ApproveAsync(request);
        await world.Hospital.ApproveAsync(request);
        story.Clock.Advance(TimeSpan.FromMinutes(11));
        foreach (TrusteeClient trustee in world.Trustees)
        {
            await trustee.ReleaseAsync();
        }

        await story.ServeAsync(request, 1, 2, 3, 4, 5);

        var wanted = new Dictionary<string, byte[]>();
        foreach (string marker in new[] { Content, Title, Reason, Term })
        {
            wanted[$"{marker} in UTF-8"] = Encoding.UTF8.GetBytes(marker);
            wanted[$"{marker} in UTF-16"] = Encoding.Unicode.GetBytes(marker);
            wanted[$"{marker} in hexadecimal"] = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(marker)));
        }

        foreach ((string name, IdentityKeys keys) in world.Oracles.Select(o => (o.Name, o.Identity)).Append(("doctor", world.DoctorDesk.Keys)))
        {
            AddKey(wanted, $"{name}'s ledger key", keys.LedgerKey);
            AddKey(wanted, $"{name}'s envelope key", keys.EnvelopeKey);
            AddKey(wanted, $"{name}'s receiving key", keys.ReceivingKey);
        }

        Assert.Empty(Find(story.Folder, wanted));

        // The search sees what is there: the doctor's opened file, and nothing else.
        Assert.True((await story.OpenAsync(request)).Succeeded);
        string[] found = Find(story.Folder, wanted);
        Assert.NotEmpty(found);
        Assert.All(found, f => Assert.Contains($"{Path.DirectorySeparatorChar}opened{Path.DirectorySeparatorChar}", f, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Insurer_WhoIsNoTrustee_CanNeitherAskNorApproveNorOpen()
    {
        await using Story story = await Story.BeginAsync();
        using var keys = IdentityKeys.Generate();
        using var store = new InMemorySecretStore();
        var insurer = new TrusteeClient(story.World.Services, keys, store);
        await insurer.RegisterAsync(ActorRoles.Insurer);
        await story.World.Agency.AdmitAsync(insurer.Id);
        RequestId request = await story.ConsentedAsync();

        var asking = new DoctorClient(story.World.Services, keys, store, story.World.DoctorDesk.Licence);
        await Assert.ThrowsAsync<PhrDataException>(() => asking.RequestAsync(story.Header.BundleId, new AccessQuestion
        {
            Documents = [story.Header.Documents[0].Id],
            Purpose = PurposeOfUse.Treatment,
            NotAfter = story.Clock.GetUtcNow().AddHours(3),
            Reason = "a claim",
        }));
        await Assert.ThrowsAsync<InvalidOperationException>(() => insurer.ApproveAsync(request));
        await story.ServeAsync(request, 1, 2, 3);
        OpenResult opened = await asking.OpenAsync(request, new FolderDestination(Path.Combine(story.Folder, "insurer")));

        Assert.Single(await story.World.Ledger.ListRequestsAsync(new RequestFilter()));
        Assert.DoesNotContain((await story.ReadAsync(request)).Approvals, a => a.Actor == insurer.Id);
        Assert.False(opened.Succeeded);
        Assert.Empty(opened.Files);
    }

    private static void AddKey(Dictionary<string, byte[]> wanted, string name, SecretKey key)
    {
        byte[] bytes = new byte[SecretKey.Length];
        key.ExportTo(bytes);
        wanted[name] = bytes;
        wanted[$"{name} in hexadecimal"] = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes));
    }

    private static string[] Find(string folder, Dictionary<string, byte[]> wanted) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).SelectMany(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return wanted.Where(w => copy.GetBuffer().AsSpan(0, (int)copy.Length).IndexOf(w.Value) >= 0).Select(w => $"{file}: {w.Key}").ToArray();
        }),
    ];
}
