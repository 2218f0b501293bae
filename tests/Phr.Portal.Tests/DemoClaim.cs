using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>A claim of Kiruthika about her first treatment, by nothing but the pages' forms.</summary>
internal static partial class DemoClaim
{
    /// <summary>Files one.</summary>
    /// <returns>Its page.</returns>
    public static async Task<string> FileAsync(Visitor patient, string reason, string amount = "2500.00", string currency = "INR")
    {
        using HttpResponseMessage response = await SubmitAsync(patient, amount, currency, reason);
        Assert.True(response.StatusCode == System.Net.HttpStatusCode.Found, Visitor.TextOf(await response.Content.ReadAsStringAsync()));
        return "/claims/" + response.Headers.Location!.OriginalString.Split('/')[^1];
    }

    /// <summary>Sends the form, whatever comes of it.</summary>
    public static async Task<HttpResponseMessage> SubmitAsync(Visitor patient, string amount, string currency, string reason)
    {
        string page = await patient.ReadAsync("/patient/insurance");
        return await patient.SubmitAsync("/patient/insurance", "file", new Dictionary<string, string>
        {
            ["Treatment"] = "1",
            ["Insurer"] = InsurerPattern().Match(page).Groups[1].Value,
            ["Amount"] = amount,
            ["Currency"] = currency,
            ["Reason"] = reason,
        });
    }

    /// <summary>Lets somebody of the story decide, whose turn it is.</summary>
    public static async Task DecideAsync(DemoPortal portal, string who, string page, string decision, string? paper = null, string? amount = null) =>
        await DecideAsync(await portal.EnterAsync(who), page, decision, paper, amount);

    /// <summary>Lets somebody decide, whose turn it is, and go.</summary>
    public static async Task DecideAsync(Visitor who, string page, string decision, string? paper = null, string? amount = null)
    {
        using (who)
        {
            await PressAsync(who, page, decision, paper, amount);
        }
    }

    /// <summary>Lets somebody decide, whose turn it is.</summary>
    public static async Task PressAsync(Visitor who, string page, string decision, string? paper = null, string? amount = null)
    {
        using HttpResponseMessage response = await TryAsync(who, page, decision, paper, amount);
        Assert.True(response.StatusCode == System.Net.HttpStatusCode.Found, Visitor.TextOf(await response.Content.ReadAsStringAsync()));
    }

    /// <summary>Sends a decision, whatever comes of it.</summary>
    public static Task<HttpResponseMessage> TryAsync(Visitor who, string page, string decision, string? paper = null, string? amount = null) =>
        who.SubmitAsync(page, "decide", new Dictionary<string, string> { ["Decision"] = decision, ["Paper"] = paper ?? string.Empty, ["Approved"] = amount ?? string.Empty });

    [GeneratedRegex("<option value=\"(\\d+)\"[^>]*>Asha Insurance</option>")]
    private static partial Regex InsurerPattern();
}
