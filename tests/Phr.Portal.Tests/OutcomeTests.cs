using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>How often models were right: counts in groups, and nobody's outcome.</summary>
public sealed class OutcomeTests(DemoPortal portal)
{
    private static readonly string[] _classes = ["benign", "malignant"];
    private static readonly string[] _set = File.ReadAllLines(RepositoryRoot.Combine("samples", "Diagnosis", "data", "wdbc.csv"));

    [Fact]
    public void Show_EveryHistory_ChangesByGroupsAndNeverShowsFewerInsideOrOutside()
    {
        Prop.ForAll(
            Gen.Choose(0, 3).ListOf().ToArbitrary(),
            Gen.Choose(5, 12).ToArbitrary(),
            (cells, group) =>
            {
                OutcomeCount[] counts = [.. from s in _classes from o in _classes select new OutcomeCount { Model = "m", Suggested = s, Outcome = o }];
                string before = Text(counts, group);
                int unpublished = 0;
                foreach (int cell in cells)
                {
                    counts[cell].Count++;
                    unpublished++;
                    if (counts.Sum(c => c.Count - c.Published) >= group)
                    {
                        foreach (OutcomeCount count in counts)
                        {
                            count.Published = count.Count;
                        }
                    }

                    string now = Text(counts, group);
                    Assert.True(now == before || unpublished >= group, "The board changed for fewer than a group.");
                    unpublished = counts.All(c => c.Published == c.Count) ? 0 : unpublished;
                    before = now;
                    foreach (OutcomeLine line in OutcomeBoard.Show(counts, group).Where(l => char.IsAsciiDigit(l.Figure[0])))
                    {
                        int inside = counts.Single(c => c.Suggested == line.Suggested && c.Outcome == line.Outcome).Published, figure = int.Parse(line.Figure.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
                        Assert.True(figure >= group && figure % group == 0 && figure <= inside && inside < figure + group && counts.Sum(c => c.Published) - inside >= group);
                    }
                }
            }).QuickCheckThrowOnFailure();
        static string Text(OutcomeCount[] counts, int group) => string.Join(';', OutcomeBoard.Show(counts, group));
    }

    [Fact]
    public async Task Count_Outcomes_AppearInGroupsForTheOperator()
    {
        string model = Guid.NewGuid().ToString("n"), title = $"Model {model}";
        using Visitor operatorOfCloud = await portal.EnterAsync("Cloud");
        await CountAsync(9, 1, 1);
        Assert.DoesNotContain(title, await operatorOfCloud.ReadAsync("/cloud/result"), StringComparison.Ordinal);

        // Ten of one kind would be known of all ten.
        await CountAsync(1, 1, 1);
        string page = Visitor.TextOf(await operatorOfCloud.ReadAsync("/cloud/result"));
        Assert.Contains($"{title} malignant malignant not shown: too few others", page, StringComparison.Ordinal);
        Assert.Contains($"{title} malignant benign fewer than 10", page, StringComparison.Ordinal);
        await CountAsync(9, 0, 0);
        Assert.Equal(page, Visitor.TextOf(await operatorOfCloud.ReadAsync("/cloud/result")));
        await CountAsync(14, 0, 0);
        page = Visitor.TextOf(await operatorOfCloud.ReadAsync("/cloud/result"));
        Assert.Contains($"{title} malignant malignant 10 or more", page, StringComparison.Ordinal);
        Assert.Contains($"{title} benign benign 20 or more", page, StringComparison.Ordinal);
        Assert.Contains($"{title} malignant benign fewer than 10", page, StringComparison.Ordinal);

        async Task CountAsync(int times, int suggested, int outcome)
        {
            for (int i = 0; i < times; i++)
            {
                await using AsyncServiceScope scope = portal.Host.Services.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<OutcomeBoard>().CountAsync((model, title), _classes, suggested, outcome, TestContext.Current.CancellationToken);
            }
        }
    }

    [Fact]
    public async Task Confirm_BelowASuggestion_IsCountedOnceAndNamesNobody()
    {
        byte[] file = Encoding.ASCII.GetBytes($"{WithoutLabel(_set[0])}\n{WithoutLabel(_set[1])}\n");
        using GrantedUpload upload = await GrantedUpload.MakeAsync(portal, file, "biopsy.csv");
        string page = $"{upload.Page}/documents/0/suggestion";
        int before = await TotalAsync();
        using (HttpResponseMessage nonsense = await upload.Doctor.SubmitAsync(page, "outcome", new Dictionary<string, string> { ["Outcome"] = "a cold" }))
        {
            Assert.Contains("Choose one of the outcomes", await nonsense.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (HttpResponseMessage confirmed = await upload.Doctor.SubmitAsync(page, "outcome", new Dictionary<string, string> { ["Outcome"] = "benign" }))
        {
            Assert.Equal(HttpStatusCode.Found, confirmed.StatusCode);
        }

        Assert.Equal(before + 1, await TotalAsync());
        string again = await upload.Doctor.ReadAsync(page);
        Assert.Contains("You confirmed benign for this appointment.", Visitor.TextOf(again), StringComparison.Ordinal);
        Assert.DoesNotContain("name=\"Outcome\"", again, StringComparison.Ordinal);
        await using AsyncServiceScope scope = portal.Host.Services.CreateAsyncScope();
        Assert.Equal(
            ["Count", "Id", "Model", "Outcome", "Published", "Suggested", "Title"],
            scope.ServiceProvider.GetRequiredService<PortalDb>().Model.FindEntityType(typeof(OutcomeCount))!.GetProperties().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Result_ClaimsAndOracles_AreThere()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        await DemoClaim.FileAsync(patient, "For the board", "10.00", "USD");
        using Visitor operatorOfCloud = await portal.EnterAsync("Cloud");
        string page = Visitor.TextOf(await operatorOfCloud.ReadAsync("/cloud/result"));
        Assert.Matches("waits for the doctor \\d+", page);
        Assert.Matches("Oracle State Reputation Delivered Waiting .*ready", page);
        Assert.DoesNotContain("For the board", page, StringComparison.Ordinal);
    }

    private async Task<int> TotalAsync()
    {
        await using AsyncServiceScope scope = portal.Host.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PortalDb>().Outcomes.Where(o => !EF.Functions.Like(o.Title, "Model %")).SumAsync(o => o.Count, TestContext.Current.CancellationToken);
    }

    private static string WithoutLabel(string line) => line[..line.LastIndexOf(',')];
}
