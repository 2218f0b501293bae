namespace Phr.Ethereum.Tests.Ledger;

/// <summary>The ledger on Ethereum keeps the contract of every ledger: on anvil.</summary>
public sealed class AnvilLedgerContractTests : NodeLedgerContract
{
    protected override int RandomHistories => 3;

    private protected override Task<DevNode> StartAsync() => NodeLedgers.StartNodeAsync();
}
