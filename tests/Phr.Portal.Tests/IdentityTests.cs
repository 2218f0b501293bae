using System.Net;
using Microsoft.EntityFrameworkCore;

namespace Phr.Portal.Tests;

/// <summary>Whoever writes the portal's database puts nobody in a patient's place: who granted stands on the ledger.</summary>
[Collection(nameof(HostilePortal))]
public sealed class IdentityTests(HostilePortal portal)
{
    [Fact]
    public async Task Prescribe_AccountWithAnothersIdentity_SealsNothingToThem()
    {
        (Visitor visitor, int eve) = await portal.JoinAsync("patient", "Eve");
        visitor.Dispose();
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        int before = await portal.ReadAsync(db => db.Prescriptions.CountAsync());
        (int patient, string? own) = await portal.ReadAsync(async db => (await db.Users.SingleAsync(u => u.DisplayName == "Kiruthika")) is var found ? (found.Id, found.Actor) : default);
        string? hers = await portal.ReadAsync(db => db.Users.Where(u => u.Id == eve).Select(u => u.Actor).SingleAsync());
        await SetAsync(eve, null);
        await SetAsync(patient, hers);
        try
        {
            using HttpResponseMessage refused = await doctor.SubmitAsync("/doctor/appointments/1", "prescribe", new Dictionary<string, string> { ["Text"] = "For Kiruthika alone" });
            Assert.Equal(HttpStatusCode.OK, refused.StatusCode);
            Assert.Contains("has another identity than the one that granted your request", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        finally
        {
            await SetAsync(patient, own);
            await SetAsync(eve, hers);
        }

        Assert.Equal(before, await portal.ReadAsync(db => db.Prescriptions.CountAsync()));
    }

    private Task<int> SetAsync(int user, string? actor) => portal.ReadAsync(db => db.Users.Where(u => u.Id == user).ExecuteUpdateAsync(set => set.SetProperty(u => u.Actor, actor)));
}
