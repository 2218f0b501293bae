using Phr.Consent;
using Phr.Consent.Tests;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>The ledger on Ethereum keeps the contract of every ledger, on a node of one kind or another.</summary>
public abstract class NodeLedgerContract : ConsentLedgerContract, IAsyncLifetime
{
    private DevNode? _node;

    protected override DateTimeOffset Now => NodeLedgers.NowAsync(Node).GetAwaiter().GetResult();

    private protected DevNode Node => _node!;

    public async ValueTask InitializeAsync()
    {
        NodeLedgers.RequireContracts();
        _node = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
        {
            await _node.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract Task<DevNode> StartAsync();

    protected override async Task<IConsentLedger> CreateAsync(LedgerParameters parameters) => await NodeLedgers.DeployAsync(Node, parameters);

    protected override Task AdvanceAsync(TimeSpan by) => NodeLedgers.AdvanceAsync(Node, by);

    protected override Func<ulong, Task<Digest>>? RandomnessOf(IConsentLedger ledger) =>
        async block => await ((EthereumConsentLedger)ledger).FindRandomnessAsync(block, default) ?? throw new InvalidOperationException("there is no such block");
}
