using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;
using Phr.Storage;

namespace Phr.Samples.OracleNode;

/// <summary>What an operator can ask for on the command line. The options of the oracle are those of the process: appsettings.json and the environment.</summary>
internal static class Commands
{
    public const string Help = """
        OracleNode [run] [--Oracle:Option value …]          serves until it is asked to stop
        OracleNode keys create --file F --passphrase-file P   makes a key file under the passphrase on the first line of P
        OracleNode keys publish --operator-key F --operator-passphrase-file P [--days 29]
                                                            makes a fresh envelope key, endorses it, and registers the oracle or renews its record
        OracleNode jobs list [--phase pending|running|delivered|refused|ended|set-aside]
        OracleNode jobs retry <job>                         asks for a job again that was set aside
        OracleNode store repair [<content id>]              brings one object, or each that is pinned, to as many IPFS nodes as the options say, and mends what is damaged
        """;

    public static async Task<int> CreateKeysAsync(string[] args)
    {
        if (Option(args, "--file") is not { } file || Option(args, "--passphrase-file") is not { } passphraseFile)
        {
            return Misused();
        }

        using IdentityKeys keys = IdentityKeys.Generate();
        return await WithPassphraseAsync(passphraseFile, async passphrase =>
        {
            await KeyFile.SaveAsync(file, keys, passphrase);
            Console.WriteLine(keys.Id);
            return 0;
        });
    }

    public static async Task<int> RunAsync(string[] args, IServiceProvider services)
    {
        try
        {
            return args switch
            {
                ["keys", "publish", ..] => await PublishKeysAsync(args[2..], services),
                ["jobs", "list", ..] => await ListJobsAsync(args[2..], services),
                ["jobs", "retry", var job] => await RetryAsync(job, services),
                ["store", "repair"] => await RepairAsync(null, services),
                ["store", "repair", var cid] => await RepairAsync(cid, services),
                _ => Misused(),
            };
        }
        catch (OptionsValidationException e)
        {
            Console.Error.WriteLine(string.Join('\n', e.Failures));
            return 2;
        }
        catch (Exception e) when (e is PhrDataException or IOException or LedgerRejectedException or IpfsUnavailableException)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private static async Task<int> PublishKeysAsync(string[] args, IServiceProvider services)
    {
        if (Option(args, "--operator-key") is not { } operatorFile || Option(args, "--operator-passphrase-file") is not { } passphraseFile
            || !int.TryParse(Option(args, "--days") ?? "29", NumberStyles.None, CultureInfo.InvariantCulture, out int days) || days is < 1 or > 30)
        {
            return Misused();
        }

        await using OracleDesk desk = await OracleDesk.OpenAsync(services);
        return await WithPassphraseAsync(passphraseFile, async passphrase =>
        {
            using IdentityKeys operatorKeys = await KeyFile.LoadIdentityAsync(operatorFile, passphrase);
            DateTimeOffset until = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().AddDays(days).ToUnixTimeSeconds());
            IdentityPublicKeys keys = await desk.Worker.RenewEnvelopeKeyAsync();
            await desk.Worker.PublishKeysAsync(keys, OperatorEndorsement.Create(operatorKeys, desk.Ledger.Id, keys, until), until);
            ActorRecord? record = await desk.Ledger.GetActorAsync(desk.Worker.Id);
            Console.WriteLine($"{desk.Worker.Id} {record?.Status} until {until:u}");
            return 0;
        });
    }

    private static async Task<int> ListJobsAsync(string[] args, IServiceProvider services)
    {
        JobPhase? phase = null;
        if (Option(args, "--phase") is { } text)
        {
            if (!Enum.TryParse(text.Replace("-", string.Empty, StringComparison.Ordinal), ignoreCase: true, out JobPhase wanted) || !char.IsLetter(text[0]))
            {
                return Misused();
            }

            phase = wanted;
        }

        await using OracleDesk desk = await OracleDesk.OpenAsync(services);
        foreach (OracleJob job in await desk.Jobs.ListAsync(new JobFilter { Phase = phase, Limit = 1000 }))
        {
            Console.WriteLine($"{job.Key}\t{job.Phase}\tdue {job.DueAt:u}\tdeadline {job.Deadline:u}\tlooks {job.Looks}\t{job.Reason}");
        }

        return 0;
    }

    private static async Task<int> RetryAsync(string text, IServiceProvider services)
    {
        if (!JobKey.TryParse(text, out JobKey job))
        {
            return Misused();
        }

        await using OracleDesk desk = await OracleDesk.OpenAsync(services);
        bool found = await desk.Jobs.RetryAsync(job, TimeProvider.System.GetUtcNow());
        Console.WriteLine(found ? "It is looked at again." : "There is no such job that was set aside.");
        return found ? 0 : 1;
    }

    // One object that nobody can make whole does not stop the others.
    private static async Task<int> RepairAsync(string? text, IServiceProvider services)
    {
        Cid one = default;
        if (text is not null && !Cid.TryParse(text, out one))
        {
            return Misused();
        }

        await using OracleDesk desk = await OracleDesk.OpenAsync(services);
        if (desk.Exchange is not IpfsContentStore store)
        {
            Console.Error.WriteLine("The exchange is not on IPFS nodes: there is nothing to repair.");
            return 2;
        }

        (int objects, long blocks, int copies, int wanting) = (0, 0, 0, 0);
        await foreach (Cid cid in text is null ? store.ListPinsAsync() : new[] { one }.ToAsyncEnumerable())
        {
            objects++;
            try
            {
                IpfsRepairReport report = await store.RepairAsync(cid);
                blocks += report.BlocksMended;
                copies += report.Copies;
                bool isWanting = report.Kept < report.Before.Count && report.After.Any(replica => replica.State is IpfsReplicaState.Damaged or IpfsReplicaState.Unreachable);
                wanting += isWanting ? 1 : 0;
                if (isWanting || report.BlocksMended > 0 || report.Copies > 0)
                {
                    Console.WriteLine($"{cid}\t{string.Join(' ', report.Before.Select(r => r.State))} -> {string.Join(' ', report.After.Select(r => r.State))}\tblocks {report.BlocksMended}\tcopies {report.Copies}");
                }
            }
            catch (Exception e) when (e is PhrDataException or IpfsUnavailableException)
            {
                wanting++;
                Console.WriteLine($"{cid}\t{e.Message}");
            }
        }

        Console.WriteLine($"{objects} objects, {blocks} blocks mended, {copies} copies made, {wanting} still wanting");
        return wanting == 0 ? 0 : 1;
    }

    private static async Task<int> WithPassphraseAsync(string file, Func<ReadOnlyMemory<char>, Task<int>> use)
    {
        char[] passphrase = [.. (await File.ReadAllTextAsync(file)).TakeWhile(c => c is not ('\r' or '\n'))];
        try
        {
            return await use(passphrase);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(passphrase.AsSpan()));
        }
    }

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static int Misused()
    {
        Console.Error.WriteLine(Help);
        return 2;
    }
}
