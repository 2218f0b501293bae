using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Phr.Crypto;

namespace Phr.Consent.Tests.Embedded;

/// <summary>Two processes write to one ledger and are killed, again and again, at instants that nobody chose.</summary>
public sealed class KillTests(ITestOutputHelper output) : IDisposable
{
    private const int Writers = 2;

    /// <summary>Every other instant is drawn from the start of the process, and falls into its start or its opening of the ledger; the others from its first acknowledgement.</summary>
    private const int LongestLifeInMilliseconds = 400;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(120, 1)]
    [InlineData(80, 12)]
    public async Task SubmitAsync_WritersKilledAtRandomInstants_KeepEveryAcknowledgedEntry(int kills, int atOnce)
    {
        string database = _folder.File("ledger.db");
        await using (EmbeddedConsentLedger created = await EmbeddedConsentLedger.OpenAsync(database, TestLedgers.Options()))
        {
        }

        var journals = await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => RunAndKillAsync(database, $"writer {writer}", atOnce, kills / Writers))));

        // The writers share one ledger; nobody repaired it. Open it, verify it, and compare it with what was acknowledged.
        LedgerVerification verification = await EmbeddedConsentLedger.VerifyAsync(database);
        Assert.True(verification.IsValid, $"entry {verification.FirstBadEntry}: {verification.What}");

        await using EmbeddedConsentLedger ledger = await EmbeddedConsentLedger.OpenAsync(database, TestLedgers.Options());
        var chain = new Dictionary<ulong, Digest>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
        {
            Assert.NotNull(entry.Command);
            chain.Add(entry.Number, entry.Hash);
        }

        var acknowledged = journals.SelectMany(journal => journal).ToList();
        output.WriteLine($"{kills} kills, {atOnce} commands at once, {acknowledged.Count} commands acknowledged, {chain.Count} in the chain");
        Assert.All(acknowledged, ack => Assert.Equal(ack.Hash, chain[ack.Number]));
        Assert.Equal(acknowledged.Count, acknowledged.Select(ack => ack.Number).Distinct().Count());

        // A kill can fall between a commit and its acknowledgements: no more entries than were on their way are without one.
        Assert.InRange(chain.Count - acknowledged.Count, 0, kills * atOnce);
        Assert.True(acknowledged.Count >= kills / 2, "the writers were killed before they wrote");
    }

    private static async Task<List<(ulong Number, Digest Hash)>> RunAndKillAsync(string database, string name, int atOnce, int kills)
    {
        var journal = new List<(ulong, Digest)>();
        for (int kill = 0; kill < kills; kill++)
        {
            using var process = Process.Start(new ProcessStartInfo(
                "dotnet", [Path.Combine(AppContext.BaseDirectory, "LedgerWriter.dll"), database, name, atOnce.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            var written = new TaskCompletionSource();
            Task<string> acknowledgements = ReadAsync(process.StandardOutput, written);
            if (kill % 2 == 1)
            {
                await Task.WhenAny(written.Task, process.WaitForExitAsync());
            }

            await Task.Delay(RandomNumberGenerator.GetInt32(LongestLifeInMilliseconds));
            bool ended = process.HasExited;
            process.Kill();
            await process.WaitForExitAsync();
            Assert.False(ended, $"the writer ended by itself: {await errors}");

            // What follows the last line feed was cut off by the kill.
            string[] lines = (await acknowledgements).Split('\n')[..^1];
            journal.AddRange(lines.Select(line => line.Split(' ')).Select(part => (ulong.Parse(part[0], CultureInfo.InvariantCulture), Digest.Parse(part[1]))));
        }

        return journal;
    }

    private static async Task<string> ReadAsync(StreamReader reader, TaskCompletionSource written)
    {
        var text = new StringBuilder();
        char[] buffer = new char[4096];
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            text.Append(buffer, 0, read);
            written.TrySetResult();
        }

        return text.ToString();
    }
}
