using System.Diagnostics;
using System.Text.Json;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Storage.Tests;

/// <summary>A trustless gateway over Helia, a second implementation of IPFS: what it makes of content and what we read from it agree.</summary>
public sealed class IpfsGatewayTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(262_144)]
    [InlineData(262_145)]
    [InlineData(3_000_000)]
    [InlineData(174 * 262_144 + 1)]
    public async Task Read_HeliaGateway_GivesWhatWasPut(int length)
    {
        await using Gateway gateway = await Gateway.StartAsync();
        byte[] content = [.. Enumerable.Range(0, length).Select(i => (byte)((i * 31L + 7) % 251))];
        Cid cid = await gateway.AddAsync(content, "");
        Assert.Equal(UnixFsHasher.HashData(content), cid);
        var faults = new IpfsHostileNodeTests.FaultList();
        using var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Gateways = [gateway.Address], Faults = faults });
        Assert.Equal(content, await IpfsHostileNodeTests.ReadAsync(store, cid));
        Assert.Equal(length, await store.GetLengthAsync(cid));
        Assert.True(await store.ExistsAsync(cid));
        await using (Stream part = await store.OpenAsync(cid, length / 3, length / 2))
        {
            using var bytes = new MemoryStream();
            await part.CopyToAsync(bytes);
            Assert.True(content.AsSpan(length / 3, length / 2).SequenceEqual(bytes.ToArray()));
        }

        Assert.Empty(faults.All);
        Assert.False(await store.ExistsAsync(Cid.ForRawBlock(Digest.Of("nowhere"u8))));
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.PutAsync(new MemoryStream(content)));
    }

    [Fact]
    public async Task Read_OtherProfile_GivesWhatWasPut()
    {
        await using Gateway gateway = await Gateway.StartAsync();
        byte[] content = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)((i * 31L + 7) % 251))];
        Cid cid = await gateway.AddAsync(content, "?profile=unixfs-v1-2025");
        Assert.Equal(UnixFsHasher.HashData(content, UnixFsLayout.V1Of2025), cid);
        using var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Gateways = [gateway.Address] });
        Assert.Equal(content, await IpfsHostileNodeTests.ReadAsync(store, cid));
    }

    private sealed class Gateway : IAsyncDisposable
    {
        private readonly Process _process;

        private Gateway(Process process, Uri address)
        {
            _process = process;
            Address = address;
        }

        public Uri Address { get; }

        public static async Task<Gateway> StartAsync()
        {
            string folder = RepositoryRoot.Combine("tests", "nodes", "ipfs-gateway");
            Assert.SkipUnless(System.IO.Directory.Exists(Path.Combine(folder, "node_modules", "helia")), $"Helia is not there: run 'npm ci --ignore-scripts' in {folder}.");
            Assert.SkipUnless(await MajorVersionAsync() >= 22, "Helia needs Node.js 22 or later in PATH; test.sh puts it there.");
            Process process = Process.Start(new ProcessStartInfo("node", [Path.Combine(folder, "gateway.mjs")]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
            string line = await process.StandardOutput.ReadLineAsync(limit.Token) ?? throw new InvalidOperationException($"The gateway does not start: {await error}");
            using var ready = JsonDocument.Parse(line);
            return new Gateway(process, new Uri(ready.RootElement.GetProperty("address").GetString()!));
        }

        private static async Task<int> MajorVersionAsync()
        {
            using Process process = Process.Start(new ProcessStartInfo("node", ["--version"]) { RedirectStandardOutput = true })!;
            string version = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return int.Parse(version.TrimStart('v').Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);
        }

        public async Task<Cid> AddAsync(byte[] content, string query)
        {
            using var http = new HttpClient { BaseAddress = Address };
            using HttpResponseMessage answer = await http.PostAsync("add" + query, new ByteArrayContent(content));
            return Cid.Parse(await answer.Content.ReadAsStringAsync());
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            await _process.WaitForExitAsync();
            _process.Dispose();
        }
    }
}
