using System.Text;
using Phr.Consent;
using Phr.Consent.Tests.Ledger;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>Every state against every command on both ledgers, cell by cell: the same refusal by name, or the same next state, word for word in the contract's storage.</summary>
/// <remarks>With <c>PHR_UPDATE_DOCS=1</c> the tests write the tables of <c>docs/correctness.md</c> anew, for a review of the difference.</remarks>
public sealed class LifeCycleMatrixTests(ITestOutputHelper output)
{
    private static readonly string _page = RepositoryRoot.Combine("docs", "correctness.md");

    [Fact]
    public async Task LifeCycle_EveryStateAndCommand_IsTheSameOnBothLedgers()
    {
        NodeLedgers.RequireContracts();
        await using ContractTwin twin = await ContractTwin.StartAsync();
        int accepted = 0;
        int refused = 0;
        foreach (LifeCycleTable table in LifeCycleTables.All)
        {
            string[][] columns = new string[table.States.Count][];
            for (int i = 0; i < columns.Length; i++)
            {
                columns[i] = await MeasureAsync(twin, table, table.States[i]);
                accepted += columns[i].Count(cell => cell.StartsWith('→'));
                refused += columns[i].Count(cell => !cell.StartsWith('→'));
            }

            GeneratedPage.Compare(_page, "table: " + table.Name, TextOf(table, columns));
        }

        output.WriteLine($"{accepted} cells are accepted, {refused} refused");
        GeneratedPage.Compare(_page, "cells", $"{accepted + refused} cells: {accepted} commands are taken and lead to the same state, {refused} are refused under the same name.\n");
    }

    private static async Task<string[]> MeasureAsync(ContractTwin twin, LifeCycleTable table, (string Name, Func<LedgerWorld, object> Reach) state)
    {
        LedgerWorld world = await twin.RestartAsync();
        LedgerWorld beginning = twin.Another();
        object subject = state.Reach(world);
        await twin.CompareAsync(world, beginning);
        string[] cells = new string[table.Commands.Count];
        for (int i = 0; i < cells.Length; i++)
        {
            LedgerCommand command = table.Commands[i].Make(world, subject);
            string cell = $"{table.Name}, {state.Name}, {table.Commands[i].Name}";
            string mark = await twin.MarkAsync();
            string? refusal = await twin.AskAsync(world, command);
            LedgerDecision decision = world.Peek(command);
            Assert.True(decision.IsAccepted ? refusal is null : refusal == decision.Error.ToString(), $"{cell}: the model says {(decision.IsAccepted ? "yes" : decision.Error.ToString())}, the contract {refusal ?? "yes"}");
            cells[i] = refusal ?? await NextAsync(twin, table, state, world, command);
            await twin.BackAsync(mark);
        }

        return cells;
    }

    /// <summary>Carries a command out on both ledgers, and gives the name of the state to which it leads.</summary>
    private static async Task<string> NextAsync(ContractTwin twin, LifeCycleTable table, (string Name, Func<LedgerWorld, object> Reach) state, LedgerWorld world, LedgerCommand command)
    {
        LedgerWorld next = twin.Another();
        object subject = state.Reach(next);
        await twin.SendAsync(world, command);
        next.Do(command);
        await twin.CompareAsync(next, world);
        return "→ " + table.StateOf(next, subject);
    }

    private static string TextOf(LifeCycleTable table, string[][] columns)
    {
        var text = new StringBuilder();
        text.Append("| command \\ ").Append(table.Corner).Append(" | ").AppendJoin(" | ", table.States.Select(state => state.Name)).Append(" |\n|---|").AppendJoin("|", table.States.Select(_ => "---")).Append("|\n");
        for (int i = 0; i < table.Commands.Count; i++)
        {
            text.Append("| ").Append(table.Commands[i].Name).Append(" | ").AppendJoin(" | ", columns.Select(column => column[i])).Append(" |\n");
        }

        return text.ToString();
    }
}
