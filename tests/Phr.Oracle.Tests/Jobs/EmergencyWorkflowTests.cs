using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>Emergencies from end to end: shares of their own, beside the ordinary ones.</summary>
public class EmergencyWorkflowTests
{
    [Fact]
    public async Task Emergency_OneGuardianAndTheHospital_OpensAndLeavesTheOrdinarySharesAlone()
    {
        await using Story story = await Story.BeginAsync();
        await PrepareAsync(story, epoch: 2);

        RequestId emergency = await AskAsync(story);
        Assert.True((await OpenedAsync(story, emergency, story.World.Guardians[1], story.World.Hospital)).Succeeded);
        await story.World.Agency.ReviewEmergencyAsync(emergency, EmergencyFinding.Justified);

        // The guardian that decided in the emergency still has the secret of its ordinary share.
        RequestId ordinary = await story.RequestAsync();
        Assert.True((await OpenedAsync(story, ordinary, story.World.Guardians[0], story.World.Guardians[1], story.World.Hospital)).Succeeded);

        // And new ordinary shares, with a higher epoch, leave those for emergencies alone.
        await story.DealAsync(3, story.World.PlanWith(TimeSpan.FromMinutes(10)));
        RequestId later = await story.RequestAsync();
        Assert.True((await OpenedAsync(story, later, story.World.Guardians[1], story.World.Guardians[2], story.World.Hospital)).Succeeded);
        RequestId again = await AskAsync(story);
        Assert.True((await OpenedAsync(story, again, story.World.Guardians[1], story.World.Hospital)).Succeeded);
    }

    [Fact]
    public async Task RequestAsync_EmergencyWithoutAnybodyNamedForIt_SaysSo()
    {
        await using Story story = await Story.BeginAsync();
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync(story));
        Assert.Contains("emergencies", refused.Message, StringComparison.Ordinal);
    }

    private static async Task PrepareAsync(Story story, uint epoch)
    {
        World world = story.World;
        TrusteePlan ordinary = world.PlanWith(TimeSpan.FromMinutes(10));
        var plan = new TrusteePlan
        {
            Emergency = true,
            GroupThreshold = 2,
            Groups = [new TrusteeGroupPlan("guardians", 1, [.. world.Guardians.Select(g => g.Id)]), new TrusteeGroupPlan("hospital", 1, [world.Hospital.Id])],
            LicenceAuthorities = ordinary.LicenceAuthorities,
            OracleOperators = ordinary.OracleOperators,
            AccessRule = ordinary.AccessRule,
            VetoWindow = TimeSpan.FromMinutes(5),
        };
        TrusteeClient[] trustees = [.. world.Guardians, world.Hospital];
        foreach (TrusteeClient trustee in trustees)
        {
            await trustee.OfferEnvelopeKeyAsync(story.Header.BundleId, epoch);
        }

        Dealing dealing = await world.Patient.DealAsync(story.Header.BundleId, plan);
        foreach (TrusteeClient trustee in trustees)
        {
            await trustee.AcknowledgeAsync(dealing.Digest);
        }

        await world.Patient.ActivateAsync(dealing);
    }

    private static async Task<RequestId> AskAsync(Story story)
    {
        RequestId request = await story.World.Doctor.RequestAsync(story.Header.BundleId, new AccessQuestion
        {
            Documents = [.. story.Header.Documents.Select(d => d.Id)],
            Purpose = PurposeOfUse.EmergencyTreatment,
            EmergencyReason = 3,
            NotAfter = story.Clock.GetUtcNow().AddHours(3),
        });
        await story.World.Doctor.DrawCommitteeAsync(request);
        return request;
    }

    private static async Task<OpenResult> OpenedAsync(Story story, RequestId request, params TrusteeClient[] trustees)
    {
        foreach (TrusteeClient trustee in trustees)
        {
            await trustee.ApproveAsync(request);
        }

        story.Clock.Advance(TimeSpan.FromMinutes(11));
        foreach (TrusteeClient trustee in trustees)
        {
            await trustee.ReleaseAsync();
        }

        await story.ServeAsync(request, 1, 2, 3);
        OpenResult result = await story.OpenAsync(request);
        await story.World.Doctor.CloseAsync(request);
        return result;
    }
}
