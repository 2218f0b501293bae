using System.Globalization;
using System.Net;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Tests.Jobs;
using Phr.Oracle.Tests.Tools;
using Phr.Samples.FullFlow;
using Phr.Storage;
using Phr.TestSupport;

namespace Phr.Oracle.Tests.Hosting;

/// <summary>What an operator is told when a command of samples/OracleNode cannot do what it is asked for, and what a repair leaves behind.</summary>
public sealed class OracleNodeCommandTests
{
    private static readonly byte[] _content = [.. Enumerable.Range(0, 900_000).Select(i => (byte)((i * 31L + 7) % 251))];

    [Fact]
    public async Task Repair_IsTerminatedWhileABlockIsAway_PutsBlockAndPinBack()
    {
        (string? program, string reason) = NodePrograms.Ipfs();
        Assert.SkipUnless(program is not null, reason);
        IpfsNodeProcess[] nodes = await Task.WhenAll(IpfsNodeProcess.StartAsync(), IpfsNodeProcess.StartAsync());
        await using IpfsNodeProcess damaged = nodes[0], whole = nodes[1];
        Cid cid = await PutAsync(damaged.Api, whole.Api);
        string block = await FindBlockAsync(damaged, cid);
        byte[] bytes = await File.ReadAllBytesAsync(block);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(block, bytes);

        await using var removing = new RemovalGate(damaged.Api);
        await using Story story = await Story.BeginAsync(time: TimeProvider.System);
        await using var command = new OracleProcess("repair", await SettingsAsync(story, "2", removing.Address, whole.Api));
        command.Start(["store", "repair"]);
        await Task.WhenAny(removing.Removed, command.WaitAsync());
        Assert.True(removing.Removed.IsCompleted, command.Output);
        using (IpfsContentStore store = Connect(damaged.Api))
        {
            Assert.False(await store.IsPinnedAsync(cid));
        }

        Task<int> ended = command.TerminateAsync();
        await ServiceStory.UntilAsync(() => ended.IsCompleted || command.Output.Contains("It stops when", StringComparison.Ordinal));
        removing.Open();
        Assert.Equal(1, await ended);
        Assert.Contains("1 objects, 1 blocks mended, 0 copies made, 0 still wanting", command.Output, StringComparison.Ordinal);
        Assert.Contains("It was stopped before its end", command.Output, StringComparison.Ordinal);
        using (IpfsContentStore store = Connect(damaged.Api))
        {
            Assert.True(Assert.Single(await store.ProbeAsync(cid, IpfsProbeDepth.Everything)).IsKept);
        }
    }

    [Fact]
    public async Task Repair_NodeIsDown_CountsAndJudgesByTheCopiesThatAreWanted()
    {
        (string? program, string reason) = NodePrograms.Ipfs();
        Assert.SkipUnless(program is not null, reason);
        IpfsNodeProcess[] nodes = await Task.WhenAll(IpfsNodeProcess.StartAsync(), IpfsNodeProcess.StartAsync());
        await using IpfsNodeProcess first = nodes[0], second = nodes[1];
        var gone = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}/");
        Cid cid = await PutAsync(first.Api, second.Api);
        await using Story story = await Story.BeginAsync(time: TimeProvider.System);

        // Two copies are wanted and there: the third node does not matter.
        IReadOnlyDictionary<string, string> settings = await SettingsAsync(story, "2", first.Api, gone, second.Api);
        foreach (string[] one in (string[][])[["store", "repair"], ["store", "repair", cid.ToString()]])
        {
            (int code, string output) = await OracleProcess.RunAsync(settings, one);
            Assert.True(code == 0, output);
            Assert.Contains("1 objects, 0 blocks mended, 0 copies made, 0 still wanting", output, StringComparison.Ordinal);
        }

        // Three are wanted.
        settings = await SettingsAsync(story, "3", first.Api, gone, second.Api);
        foreach (string[] one in (string[][])[["store", "repair"], ["store", "repair", cid.ToString()]])
        {
            (int code, string output) = await OracleProcess.RunAsync(settings, one);
            Assert.True(code == 1, output);
            Assert.Contains("1 objects, 0 blocks mended, 0 copies made, 1 still wanting", output, StringComparison.Ordinal);
            Assert.Contains($"{cid}\tWhole Unreachable Whole", output, StringComparison.Ordinal);
        }

        // One is wanted, and what the one that is down keeps is not known.
        (int last, string text) = await OracleProcess.RunAsync(await SettingsAsync(story, "1", first.Api, gone), ["store", "repair"]);
        Assert.True(last == 1, text);
        Assert.Contains("1 objects, 0 blocks mended, 0 copies made, 0 still wanting", text, StringComparison.Ordinal);
        Assert.Contains("What those nodes alone pin was not looked at", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Commands_WhatTheyStandOnIsAway_TellItInOneLine()
    {
        await using Story story = await Story.BeginAsync(time: TimeProvider.System);
        (string keyFile, string passphraseFile) = await OracleNodeSettings.WriteKeyAsync(story.Folder, "oracle", story.World.Oracles[0].Identity);
        (string operatorFile, string operatorPassphrase) = await OracleNodeSettings.WriteKeyAsync(story.Folder, "operator", story.World.Oracles[0].Operator);
        string empty = Path.Combine(story.Folder, "empty"), missing = Path.Combine(story.Folder, "missing");
        await File.WriteAllTextAsync(empty, "\n");
        string nowhere = $"http://127.0.0.1:{LoopbackPort.Free()}/";
        string[] publish = ["keys", "publish", "--operator-key", operatorFile, "--operator-passphrase-file", operatorPassphrase];
        var embedded = new Dictionary<string, string> { ["Node__Folder"] = story.Folder, ["Oracle__Key__File"] = keyFile, ["Oracle__Key__PassphraseFile"] = passphraseFile };
        string deployment = Path.Combine(story.Folder, "ledger.json");
        await new EthereumDeployment { Ledger = new LedgerId(31337, story.World.AgencyId), StartBlock = 1, Parameters = new LedgerParameters { FoundingAgency = story.World.AgencyId } }.SaveAsync(deployment);
        var onChain = new Dictionary<string, string>(embedded)
        {
            ["Node__Ledger"] = "ethereum",
            ["Oracle__Ethereum__Deployment"] = deployment,
            ["Oracle__Ethereum__Nodes__0"] = nowhere,
            ["Oracle__Ethereum__RequestTimeout"] = "00:00:02",
            ["Oracle__Store__Exchange"] = Path.Combine(story.Folder, "exchange"),
            ["Oracle__Secrets"] = Path.Combine(story.Folder, "secrets"),
            ["Oracle__State"] = Path.Combine(story.Folder, "state"),
            ["Oracle__Jobs__File"] = Path.Combine(story.Folder, "jobs.db"),
        };
        var withoutDatabase = new Dictionary<string, string>(embedded) { ["Node__Jobs"] = "postgres", ["Oracle__Jobs__Connection"] = $"Host=127.0.0.1;Port={LoopbackPort.Free()};Username=phr;Password=key-4711;Database=phr" };
        (Dictionary<string, string> Settings, string[] Command, int Code, string Told)[] commands =
        [
            ([], ["keys", "create", "--file", keyFile, "--passphrase-file", passphraseFile], 1, keyFile),
            ([], ["keys", "create", "--file", missing, "--passphrase-file", missing], 1, missing),
            ([], ["keys", "create", "--file", missing, "--passphrase-file", story.Folder], 1, story.Folder),
            ([], ["keys", "create", "--file", missing, "--passphrase-file", empty], 1, "passphrase"),
            (withoutDatabase, ["jobs", "list"], 1, "Oracle:Jobs"),
            (withoutDatabase, ["jobs", "retry", $"{new string('0', 64)}/0/0"], 1, "Oracle:Jobs"),
            (withoutDatabase, publish, 1, "Oracle:Jobs"),
            (new(embedded) { ["Oracle__Jobs__File"] = keyFile }, ["jobs", "list"], 1, string.Empty),
            (new(embedded) { ["Oracle__Jobs__File"] = story.Folder }, ["jobs", "list"], 1, string.Empty),
            (new(embedded) { ["Oracle__Key__PassphraseFile"] = empty }, ["jobs", "list"], 1, "passphrase"),
            (embedded, ["keys", "publish", "--operator-key", missing, "--operator-passphrase-file", operatorPassphrase], 1, missing),
            (embedded, ["keys", "publish", "--operator-key", operatorFile, "--operator-passphrase-file", empty], 1, "passphrase"),
            (embedded, ["store", "repair"], 2, "not on IPFS nodes"),
            (onChain, publish, 1, "Oracle:Ethereum"),

            // The table needs neither the ledger nor the exchange.
            (onChain, ["jobs", "list"], 0, string.Empty),
        ];
        foreach ((Dictionary<string, string> settings, string[] command, int code, string told) in commands)
        {
            (int ended, string output) = await OracleProcess.RunAsync(settings, command);
            string shown = $"{string.Join(' ', command)}: {ended}, {output}";
            Assert.True(ended == code, shown);
            Assert.True(output.Trim().Split('\n').Length == 1 && (output.Trim().Length > 0 || code == 0), shown);
            Assert.Contains(told, output, StringComparison.Ordinal);
            Assert.DoesNotContain("nhandled", output, StringComparison.Ordinal);
            Assert.DoesNotContain("key-4711", output, StringComparison.Ordinal);
            Assert.DoesNotContain("report it", output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("run")]
    [InlineData("jobs", "list")]
    [InlineData("store", "repair")]
    public async Task AnyCommand_SectionNodeIsWrong_IsToldWithTheKnownNames(params string[] command)
    {
        (int code, string output) = await OracleProcess.RunAsync(
            new Dictionary<string, string> { ["Node__Jbos"] = "postgres", ["Node__Jobs"] = "pasted-secret", ["Node__Store__Kind"] = "ipfs", ["Node__Otlp"] = "pasted-secret" }, command);
        Assert.Equal(2, code);
        Assert.Equal(
            [
                "The oracle cannot start:",
                "- Node:Jbos is no option. The section has Node:Ledger, Node:Folder, Node:Store, Node:Jobs, Node:Otlp.",
                "- Node:Store is one value, not a group.",
                "- Node:Jobs is none of sqlite, postgres.",
                "- Node:Otlp or OTEL_EXPORTER_OTLP_ENDPOINT is an http or https address of a collector, without a user name.",
            ],
            output.Trim().Split('\n'));
    }

    /// <summary>The templates of samples/OracleNode/deploy: with their settings, in the folders that they name, the program finds what it needs and writes nothing elsewhere.</summary>
    [Theory]
    [InlineData("phr-oracle.service")]
    [InlineData("Containerfile")]
    public async Task Deploy_TemplateWithItsSettings_IsWhatTheProgramReads(string template)
    {
        string folder = Directory.CreateTempSubdirectory("phr-deploy-").FullName;
        try
        {
            using IdentityKeys keys = IdentityKeys.Generate();
            (string keyFile, string passphraseFile) = await OracleNodeSettings.WriteKeyAsync(folder, "given", keys);
            string state = Path.Combine(folder, "state"), secrets = Path.Combine(folder, "secrets"), etc = Path.Combine(folder, "etc");
            foreach (string one in (string[])[state, secrets, etc])
            {
                Directory.CreateDirectory(one);
            }

            File.Move(keyFile, Path.Combine(secrets, "oracle.key"));
            File.Move(passphraseFile, Path.Combine(secrets, "passphrase"));
            await new EthereumDeployment { Ledger = new LedgerId(31337, keys.Id), StartBlock = 1, Parameters = new LedgerParameters { FoundingAgency = keys.Id } }.SaveAsync(Path.Combine(etc, "ledger.json"));

            // The paths of the template's machine, on this one.
            string Here(string value) => value.Replace("%S/phr-oracle", state, StringComparison.Ordinal).Replace("%d/", secrets + "/", StringComparison.Ordinal)
                .Replace("/run/secrets/", secrets + "/", StringComparison.Ordinal).Replace("/etc/phr-oracle/", etc + "/", StringComparison.Ordinal).Replace("/data/", state + "/", StringComparison.Ordinal);
            string deploy = Path.Combine(Path.GetDirectoryName(OracleProcess.FindProgram())!, "deploy");
            var settings = new Dictionary<string, string>();
            foreach (string line in await File.ReadAllLinesAsync(Path.Combine(deploy, template)))
            {
                string pair = line.TrimEnd('\\').Trim();
                pair = pair.StartsWith("Environment=", StringComparison.Ordinal) ? pair["Environment=".Length..] : pair.StartsWith("ENV ", StringComparison.Ordinal) ? pair[4..] : pair;
                if (pair.Split('=', 2) is [var name, var value] && (name.Contains("__", StringComparison.Ordinal) || name == "Urls"))
                {
                    settings[name] = Here(value);
                }
            }

            Assert.StartsWith(state, settings["Node__Folder"], StringComparison.Ordinal);
            foreach (string line in (await File.ReadAllLinesAsync(Path.Combine(deploy, "environment"))).Where(line => line.Length > 0 && line[0] != '#'))
            {
                string[] pair = line.Split('=', 2);
                settings[pair[0]] = Here(pair[1]);
            }

            (int code, string output) = await OracleProcess.RunAsync(settings, ["jobs", "list"]);
            Assert.True(code == 0 && output.Length == 0, output);
            Assert.True(File.Exists(Path.Combine(state, "jobs.db")));
            Assert.False(Directory.Exists(Path.Combine(Path.GetDirectoryName(OracleProcess.FindProgram())!, "data")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<IReadOnlyDictionary<string, string>> SettingsAsync(Story story, string replicas, params Uri[] nodes)
    {
        string name = "repair-" + Guid.NewGuid().ToString("n", CultureInfo.InvariantCulture)[..8];
        (string keyFile, string passphraseFile) = await OracleNodeSettings.WriteKeyAsync(story.Folder, name, story.World.Oracles[0].Identity);
        var settings = new Dictionary<string, string>
        {
            ["Node__Folder"] = story.Folder,
            ["Node__Store"] = "ipfs",
            ["Oracle__Key__File"] = keyFile,
            ["Oracle__Key__PassphraseFile"] = passphraseFile,
            ["Oracle__Ipfs__Replicas"] = replicas,
            ["Oracle__Ipfs__LookupTimeout"] = "00:00:03",
        };
        foreach ((int i, Uri node) in nodes.Index())
        {
            settings[string.Create(CultureInfo.InvariantCulture, $"Oracle__Ipfs__Nodes__{i}")] = node.ToString();
        }

        return settings;
    }

    private static IpfsContentStore Connect(params Uri[] nodes) =>
        IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = nodes, Replicas = nodes.Length, RequiredReplicas = nodes.Length, LookupTimeout = TimeSpan.FromSeconds(3) });

    private static async Task<Cid> PutAsync(params Uri[] nodes)
    {
        using IpfsContentStore store = Connect(nodes);
        return await store.PutAsync(new MemoryStream(_content));
    }

    private static async Task<string> FindBlockAsync(IpfsNodeProcess node, Cid cid)
    {
        foreach (string file in Directory.GetFiles(Path.Combine(node.Folder, "blocks"), "*.data", SearchOption.AllDirectories))
        {
            if (Digest.Of(await File.ReadAllBytesAsync(file)) == cid.Digest)
            {
                return file;
            }
        }

        throw new InvalidOperationException($"The node has no block {cid}.");
    }

    /// <summary>Stands before a node, passes everything on, and keeps the answer to a removal of a block until it is opened.</summary>
    private sealed class RemovalGate : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly HttpClient _client = new();
        private readonly Uri _node;
        private readonly TaskCompletionSource _removed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Task _serving;

        public RemovalGate(Uri node)
        {
            _node = node;
            Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Free()}/"));
            _listener.Prefixes.Add(Address.ToString());
            _listener.Start();
            _serving = ServeAsync();
        }

        public Uri Address { get; }

        /// <summary>Ends when the node has removed a block.</summary>
        public Task Removed => _removed.Task;

        public void Open() => _open.TrySetResult();

        public async ValueTask DisposeAsync()
        {
            Open();
            _listener.Stop();
            await _serving;
            ((IDisposable)_listener).Dispose();
            _client.Dispose();
        }

        private async Task ServeAsync()
        {
            var conversations = new List<Task>();
            try
            {
                while (true)
                {
                    conversations.Add(PassOnAsync(await _listener.GetContextAsync()));
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                await Task.WhenAll(conversations);
            }
        }

        private async Task PassOnAsync(HttpListenerContext context)
        {
            try
            {
                using var request = new HttpRequestMessage(new HttpMethod(context.Request.HttpMethod), new Uri(_node, context.Request.RawUrl!));
                if (context.Request.HasEntityBody)
                {
                    using var body = new MemoryStream();
                    await context.Request.InputStream.CopyToAsync(body);
                    request.Content = new ByteArrayContent(body.ToArray());
                    request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
                }

                using HttpResponseMessage answer = await _client.SendAsync(request);
                byte[] bytes = await answer.Content.ReadAsByteArrayAsync();
                if (context.Request.Url!.AbsolutePath.EndsWith("/block/rm", StringComparison.Ordinal))
                {
                    _removed.TrySetResult();
                    await _open.Task;
                }

                context.Response.StatusCode = (int)answer.StatusCode;
                context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
                await context.Response.OutputStream.WriteAsync(bytes);
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpRequestException or HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                // Either end went away.
            }
        }
    }
}
