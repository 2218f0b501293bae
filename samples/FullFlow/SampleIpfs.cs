using System.Diagnostics;
using System.Text.Json;
using Phr.Storage;

namespace Phr.Samples.FullFlow;

/// <summary>IPFS nodes to keep content on: two that are started and stopped here, or those that are given. All stories share them.</summary>
internal sealed class SampleIpfs : IAsyncDisposable
{
    private readonly List<(Process Process, string Folder)> _started = [];

    private SampleIpfs()
    {
    }

    /// <summary>The store, with a copy on up to two nodes.</summary>
    public IpfsContentStore Store { get; private set; } = null!;

    public static async Task<SampleIpfs> StartAsync(Options options, CancellationToken ct)
    {
        var ipfs = new SampleIpfs();
        try
        {
            IReadOnlyList<Uri> nodes = options.IpfsNodes is { Count: > 0 } given ? given : await Task.WhenAll(ipfs.StartNodeAsync(ct), ipfs.StartNodeAsync(ct));
            ipfs.Store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = nodes, Replicas = Math.Min(2, nodes.Count), LookupTimeout = TimeSpan.FromSeconds(3) });
            return ipfs;
        }
        catch
        {
            await ipfs.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Store?.Dispose();
        foreach ((Process process, string folder) in _started)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<Uri> StartNodeAsync(CancellationToken ct)
    {
        string folder = Directory.CreateTempSubdirectory("phr-ipfs-").FullName;
        var process = Process.Start(new ProcessStartInfo("node", [FindScript(), folder]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        lock (_started)
        {
            _started.Add((process, folder));
        }

        Task<string> error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        string line = await process.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException($"The IPFS node does not start: {await error}");
        using var ready = JsonDocument.Parse(line);
        return new Uri(ready.RootElement.GetProperty("api").GetString()!);
    }

    private static string FindScript()
    {
        if (Environment.GetEnvironmentVariable("PHR_IPFS_NODE") is { Length: > 0 } named)
        {
            return named;
        }

        for (string? folder = Environment.CurrentDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string nodes = Path.Combine(folder, "tests", "nodes", "ipfs");
            if (Directory.Exists(Path.Combine(nodes, "node_modules")))
            {
                return Path.Combine(nodes, "node.mjs");
            }
        }

        throw new FileNotFoundException("The IPFS node is not there: run 'npm ci --ignore-scripts' in tests/nodes/ipfs, set PHR_IPFS_NODE, or name a node with --ipfs-node.");
    }
}
