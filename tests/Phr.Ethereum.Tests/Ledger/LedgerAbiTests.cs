using System.Text;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>The model and the contract have the same commands, events and errors.</summary>
public sealed class LedgerAbiTests
{
    public static IEnumerable<TheoryDataRow<string>> Commands => CommandKinds.Blanks.Select(blank => new TheoryDataRow<string>(blank.Kind.ToString()));

    [Theory]
    [MemberData(nameof(Commands))]
    public void FindFunction_EveryCommand_HasOne(string kind)
    {
        NodeLedgers.RequireContracts();
        Assert.NotNull(LedgerAbi.Shipped.FindFunction(Enum.Parse<LedgerCommandKind>(kind)));
    }

    [Fact]
    public void Events_OfModelAndContract_AreTheSame()
    {
        NodeLedgers.RequireContracts();
        (IReadOnlyList<string> notInContract, IReadOnlyList<string> notInModel) = LedgerLogReader.Compare(LedgerAbi.Shipped);
        Assert.Empty(notInContract);
        Assert.Empty(notInModel);
    }

    [Fact]
    public void Errors_OfTheModel_AreTheContracts()
    {
        NodeLedgers.RequireContracts();
        string[] contract = [.. LedgerAbi.Shipped.Errors.All.Select(error => error.Name)];
        Assert.Empty(Enum.GetNames<LedgerError>().Except(["None"]).Except(contract));
    }

    /// <summary>What is signed has a type in EIP-712, and the contract has its hash among its constants: it is in the code of the ledger or of one of its modules.</summary>
    [Theory]
    [MemberData(nameof(Commands))]
    public void TypeHash_OfEveryCommand_IsInTheContractsCode(string kind)
    {
        NodeLedgers.RequireContracts();
        LedgerCommand blank = CommandKinds.Blanks.Single(command => command.Kind.ToString() == kind);
        SignedCommand sample = Phr.Consent.Tests.Ledger.SampleFiller.Commands(1).Select(command => SignedCommand.Sign(command, 0, default, DevNode.Account())).First(signed => signed.Command.Kind == blank.Kind);
        byte[] hash = Keccak256.HashData(Encoding.ASCII.GetBytes(sample.TypedDataType()));
        Assert.Contains(
            LedgerConstructor.ModuleNames().Append("PhrLedger"),
            name => ContractArtifact.Load(name).DeployedBytecode.Span.IndexOf(hash) >= 0);
    }
}
