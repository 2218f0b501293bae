using System.Text;
using Phr.TestSupport;

namespace Phr.Consent.Tests.Ledger;

/// <summary>Every stage of a request and of a dealing against every command: the tables in <c>docs/algorithms/consent-life-cycle.md</c> are what the state decides.</summary>
/// <remarks>With <c>PHR_UPDATE_DOCS=1</c> the test writes the tables anew, for a review of the difference. The contract is held against the same tables by the tests of the ledger on Ethereum.</remarks>
public class LifeCycleTableTests
{
    [Fact]
    public void Claim_EveryStateAndCommand_IsAsDocumented() => Compare(LifeCycleTables.Claim);

    [Fact]
    public void Reshare_EveryStateAndCommand_IsAsDocumented() => Compare(LifeCycleTables.Reshare);

    [Fact]
    public void Request_EveryStageAndCommand_IsAsDocumented() => Compare(LifeCycleTables.Request);

    [Fact]
    public void Actor_EveryStateAndCommand_IsAsDocumented() => Compare(LifeCycleTables.Actor);

    [Fact]
    public void Bond_EveryStateAndCommand_IsAsDocumented() => Compare(LifeCycleTables.Bond);

    [Fact]
    public void Team_EveryStateAndCommand_IsAsDocumented() => Compare(LifeCycleTables.Team);

    [Fact]
    public void Dealing_EveryStateAndCommand_IsAsDocumented() => Compare(LifeCycleTables.Dealing);

    private static void Compare(LifeCycleTable lives)
    {
        // One world for each state: to decide changes nothing, so every command is put to the same one.
        string[][] cells = [.. lives.States.Select(state =>
        {
            LedgerWorld world = LifeCycleTable.Begin(new LedgerWorld());
            object subject = state.Reach(world);
            return lives.Commands.Select(command =>
            {
                LedgerDecision decision = world.Peek(command.Make(world, subject));
                return decision.IsAccepted ? "✓" : decision.Error.ToString();
            }).ToArray();
        })];
        var table = new StringBuilder();
        table.Append("| command \\ ").Append(lives.Corner).Append(" | ").AppendJoin(" | ", lives.States.Select(state => state.Name)).Append(" |\n|---|").AppendJoin("|", lives.States.Select(_ => "---")).Append("|\n");
        for (int i = 0; i < lives.Commands.Count; i++)
        {
            table.Append("| ").Append(lives.Commands[i].Name).Append(" | ").AppendJoin(" | ", cells.Select(column => column[i])).Append(" |\n");
        }

        GeneratedPage.Compare(RepositoryRoot.Combine("docs", "algorithms", "consent-life-cycle.md"), "table: " + lives.Name, table.ToString());
    }
}
