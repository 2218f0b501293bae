using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
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

    public static async Task<int> RunAsync(string[] args, IServiceProvider services) => args switch
    {
        ["keys", "publish", ..] => await PublishKeysAsync(args[2..], services),
        ["jobs", "list", ..] => await ListJobsAsync(args[2..], services),
        ["jobs", "retry", var job] => await RetryAsync(job, services),
        ["store", "repair"] => await RepairAsync(null, services),
        ["store", "repair", var cid] => await RepairAsync(cid, services),
        _ => Misused(),
    };

    /// <summary>Does what was asked for, and tells what kept it from being done in one line on standard error.</summary>
    /// <returns>Its exit code; 2 where options or the command are wrong, 1 where something else failed.</returns>
    public static async Task<int> GuardAsync(Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (OptionsValidationException e)
        {
            return CannotStart(e.Failures);
        }
        catch (Exception e) when (Tell(e) is { } told)
        {
            Console.Error.WriteLine(OneLine(told));
            return 1;
        }
    }

    /// <summary>Names every fault of the settings.</summary>
    public static int CannotStart(IEnumerable<string> faults)
    {
        Console.Error.WriteLine("The oracle cannot start:");
        foreach (string fault in faults)
        {
            Console.Error.WriteLine($"- {fault}");
        }

        return 2;
    }

    // What our own exceptions say holds no secret. Messages of a database or a connection may, so their kind stands for them.
    private static string Tell(Exception e) => e switch
    {
        PhrDataException or LedgerRejectedException => e.Message,
        ArgumentException { ParamName: "passphrase" } => "The passphrase is not one: the first line of its file has 1 to 1,024 characters, none of them a control character.",
        IpfsUnavailableException => $"{e.Message} See that the nodes of Oracle:Ipfs run and can be reached.",
        EthereumUnavailableException or JsonRpcException => $"{e.Message} See that the nodes of Oracle:Ethereum run and can be reached.",
        EthereumTransactionException or EthereumRevertException => $"{e.Message} See that the account that pays has enough, and ask again.",
        DbException database => $"A database does not answer ({e.GetType().Name} {database.SqlState ?? database.ErrorCode.ToString(CultureInfo.InvariantCulture)}): see Oracle:Jobs, and on an embedded ledger Node:Folder, and that this user may read and write there.",
        UnauthorizedAccessException => $"{e.Message} Give this user the right, or name another place.",
        InvalidDataException => $"appsettings.json cannot be read ({e.InnerException?.GetType().Name ?? e.GetType().Name}): see that it is JSON.",
        FormatException => "A setting is not written as it has to be: see Urls and the section Logging.",
        IOException => $"{e.Message} See that what it names is there and free, and that no other command is at work on the oracle.",
        HttpRequestException or SocketException or TimeoutException => $"Something that the oracle stands on does not answer ({e.GetType().Name}): see its nodes and its database.",
        OperationCanceledException => "It was stopped before its end.",
        _ => $"It failed in a way that it does not know ({e.GetType().Name} in {e.TargetSite?.DeclaringType?.FullName ?? "code of others"}): report it with this line.",
    };

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

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

        await using IJobStore jobs = await OracleDesk.OpenJobsAsync(services);
        foreach (OracleJob job in await jobs.ListAsync(new JobFilter { Phase = phase, Limit = 1000 }))
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

        await using IJobStore jobs = await OracleDesk.OpenJobsAsync(services);
        bool found = await jobs.RetryAsync(job, TimeProvider.System.GetUtcNow());
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

        // Asked to stop, it brings the object that it has in hand into order first.
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (!stop.IsCancellationRequested)
            {
                Console.Error.WriteLine("It stops when the object in hand is brought into order.");
                stop.Cancel();
            }
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await using OracleDesk desk = await OracleDesk.OpenAsync(services, stop.Token);
        if (desk.Exchange is not IpfsContentStore store)
        {
            Console.Error.WriteLine("The exchange is not on IPFS nodes: there is nothing to repair.");
            return 2;
        }

        (int objects, long blocks, int copies, int wanting, int wanted) = (0, 0, 0, 0, 1);
        string? unfinished = null;
        try
        {
            await foreach (Cid cid in text is null ? store.ListPinsAsync(stop.Token) : new[] { one }.ToAsyncEnumerable())
            {
                try
                {
                    IpfsRepairReport report = await store.RepairAsync(cid, cancellationToken: stop.Token);
                    blocks += report.BlocksMended;
                    copies += report.Copies;
                    wanted = report.Wanted;

                    // A node out of reach does not matter where the others are enough; one that gives wrong bytes harms its peers.
                    bool isWanting = report.Kept < wanted || report.After.Any(replica => replica.State == IpfsReplicaState.Damaged);
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

                objects++;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            unfinished = "It was stopped before its end: begin it again. Pins are as they were.";
        }
        catch (IpfsUnavailableException e)
        {
            // What has as many copies as are wanted, and fewer nodes than those were silent, stood in another one's list.
            Console.Error.WriteLine(OneLine(e.Message));
            unfinished = e.Faults.Count < wanted ? null : "What those nodes alone pin was not looked at: begin it again when they answer.";
        }

        Console.WriteLine($"{objects} objects, {blocks} blocks mended, {copies} copies made, {wanting} still wanting");
        if (unfinished is not null)
        {
            Console.Error.WriteLine(unfinished);
        }

        return wanting == 0 && unfinished is null ? 0 : 1;
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
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(passphrase.AsSpan()));
        }
    }

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static int Misused()
    {
        Console.Error.WriteLine(Help);
        return 2;
    }
}
