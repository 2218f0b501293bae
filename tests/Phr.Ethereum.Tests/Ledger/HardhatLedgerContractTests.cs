namespace Phr.Ethereum.Tests.Ledger;

/// <summary>The ledger on Ethereum keeps the contract of every ledger: on Hardhat's node, another implementation of the chain.</summary>
public sealed class HardhatLedgerContractTests : NodeLedgerContract
{
    protected override int RandomHistories => 1;

    protected override int RandomHistoryLength => 60;

    private protected override Task<DevNode> StartAsync() => DevNode.StartHardhatAsync();
}
