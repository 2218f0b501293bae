using System.Net;

namespace Phr.Portal.Tests;

/// <summary>A portal of its own with the story, whose clock can be put forward by years.</summary>
public sealed class LicencePortal : HostilePortal
{
    public ShiftedTime Time { get; } = new();

    public override async ValueTask InitializeAsync() => Host = await PortalHost.StartAsync(demo: true, time: Time);

    /// <summary>Sends a form of somebody's page, which must do something.</summary>
    public static async Task SendAsync(Visitor visitor, string page, string form, params IReadOnlyList<(string Name, string Value)> fields)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        using HttpResponseMessage answer = await visitor.SubmitAsync(page, form, fields.ToDictionary(field => field.Name, field => field.Value));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Found || (answer.StatusCode == HttpStatusCode.OK && !text.Contains("class=\"fault\"", StringComparison.Ordinal)), $"{page} {form}: {(int)answer.StatusCode} {Visitor.TextOf(text)}");
    }
}
