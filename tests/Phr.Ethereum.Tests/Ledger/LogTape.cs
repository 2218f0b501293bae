using System.Numerics;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>A contract that logs whatever it is called with, under its first 32 bytes as topic: thirteen instructions, so that a follower has something to follow.</summary>
internal sealed class LogTape
{
    /// <summary>codecopy and return of: calldatacopy(0, 0, calldatasize), log1(0, calldatasize, mload(0)), stop.</summary>
    private static readonly byte[] _creation = Convert.FromHexString("69365F5F375F51365FA1005F52600A6016F3");

    /// <summary>As above, but it logs its topic two hundred times: with 200, 199, … 1 as data.</summary>
    private static readonly byte[] _manyCreation = Convert.FromHexString("75" + "5F3560C85B805F5281" + "60205FA1600190038060045700" + "5F526016600AF3");

    private readonly DevNode _node;

    private LogTape(DevNode node, ActorId address, ulong block)
    {
        _node = node;
        Address = address;
        StartBlock = block;
    }

    public ActorId Address { get; }

    public ulong StartBlock { get; }

    public static Task<LogTape> DeployManyAsync(DevNode node) => DeployAsync(node, _manyCreation);

    public static Task<LogTape> DeployAsync(DevNode node) => DeployAsync(node, _creation);

    private static async Task<LogTape> DeployAsync(DevNode node, byte[] creation)
    {
        TransactionReceipt receipt = await SendAsync(node, null, creation);
        return new LogTape(node, receipt.ContractAddress!.Value, receipt.BlockNumber);
    }

    public Task<TransactionReceipt> LogAsync(Digest topic, params byte[] rest) => SendAsync(_node, Address, [.. topic.ToBytes(), .. rest]);

    /// <summary>With a sender of its own each time: a re-organisation takes back nonces that a sender remembers as used.</summary>
    private static async Task<TransactionReceipt> SendAsync(DevNode node, ActorId? to, byte[] data)
    {
        await using var carrier = new CallCarrier(node.Rpc, DevNode.Account(), node.ChainId, AbiErrorRegistry.Language, new EthereumSenderOptions { PollInterval = TimeSpan.FromMilliseconds(5) }, null, TimeProvider.System);
        return await carrier.SendAsync(to, data, BigInteger.Zero, default);
    }
}
