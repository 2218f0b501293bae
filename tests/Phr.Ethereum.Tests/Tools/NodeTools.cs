using System.Diagnostics;
using System.Text.Json.Nodes;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests;

/// <summary>Finds the programs from npm that tests run. A test that finds none is skipped and says so; test.sh installs them first.</summary>
internal static class NodeTools
{
    private static readonly Lazy<string?> _modules = new(FindModules);

    /// <summary>contracts/node_modules, with all that contracts/package.json names.</summary>
    public static string Modules
    {
        get
        {
            Assert.SkipUnless(_modules.Value is not null, "contracts/node_modules is not there: run 'npm ci --ignore-scripts' in contracts/.");
            return _modules.Value!;
        }
    }

    /// <summary>Lets ethers do a list of jobs (interop/ethers.cjs).</summary>
    public static async Task<JsonArray> EthersAsync(JsonArray jobs)
    {
        var start = new ProcessStartInfo("node", [RepositoryRoot.Combine("tests", "Phr.Ethereum.Tests", "interop", "ethers.cjs"), Modules])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process node = Process.Start(start)!;
        Task<string> output = node.StandardOutput.ReadToEndAsync();
        Task<string> error = node.StandardError.ReadToEndAsync();
        await node.StandardInput.WriteAsync(jobs.ToJsonString());
        node.StandardInput.Close();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await error);
        return JsonNode.Parse(await output)!.AsArray();
    }

    private static string? FindModules()
    {
        for (DirectoryInfo? folder = new(RepositoryRoot.Path); folder is not null; folder = folder.Parent)
        {
            string modules = Path.Combine(folder.FullName, "contracts", "node_modules");
            if (Directory.Exists(Path.Combine(modules, "ethers")))
            {
                return modules;
            }
        }

        return null;
    }
}
