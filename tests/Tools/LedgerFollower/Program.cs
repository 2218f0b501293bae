// Follows a ledger on Ethereum for as long as it lives, and writes "number hash" of each entry on standard output. The test that starts it kills it, and starts it again after the last entry that it
// had written. Usage: LedgerFollower ADDRESS-FILE NODE CACHE AFTER CONFIRMATIONS.
using System.Globalization;
using System.Text;
using Phr.Consent;

using Stream output = Console.OpenStandardOutput();
var options = new EthereumLedgerOptions
{
    Deployment = EthereumDeployment.FromJson(await File.ReadAllTextAsync(args[0])),
    Nodes = new EthereumRpcOptions { Endpoints = [new Uri(args[1])], RetryDelay = TimeSpan.FromMilliseconds(20), MaxRetryDelay = TimeSpan.FromMilliseconds(200), MaxAttempts = 20, CoolDown = TimeSpan.FromMilliseconds(10) },
    CachePath = args[2],
    Finality = EthereumFinality.After(int.Parse(args[4], CultureInfo.InvariantCulture)),
    MaxStaleness = TimeSpan.Zero,
    PollInterval = TimeSpan.FromMilliseconds(5),
    MaxHeadAge = null,
};
await using EthereumConsentLedger ledger = await EthereumConsentLedger.ConnectAsync(options);
await foreach (LedgerEntry entry in ledger.FollowAsync(ulong.Parse(args[3], CultureInfo.InvariantCulture)))
{
    output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{entry.Number} {entry.Hash}\n")));
}
