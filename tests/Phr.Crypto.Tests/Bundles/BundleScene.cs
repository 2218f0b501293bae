using Phr.Crypto.Tests.Sharing;

namespace Phr.Crypto.Tests.Bundles;

/// <summary>One patient, one ledger and a store, all from a label: the same label gives the same bytes.</summary>
internal sealed class BundleScene : IDisposable
{
    public static readonly DateTimeOffset Time = new(2026, 11, 22, 10, 30, 0, TimeSpan.Zero);

    public BundleScene(string label = "bundle scene")
    {
        Random = new StreamRandom(label);
        byte[] secret = new byte[PatientKeys.RecoverySecretLength];
        new StreamRandom("patient").Fill(secret);
        Patient = PatientKeys.FromRecoverySecret(secret);
        Ledger = new LedgerId(31337, ActorId.FromBytes(Content(ActorId.Length)));
    }

    public StreamRandom Random { get; }

    public PatientKeys Patient { get; }

    public LedgerId Ledger { get; }

    public MemoryStore Store { get; } = new();

    public static BundleWriterOptions Options { get; } = new() { TimeProvider = new FixedTime(Time) };

    /// <summary>Bytes that differ at every place within a chunk and from chunk to chunk.</summary>
    public static byte[] Content(int length)
    {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++)
        {
            content[i] = (byte)(((i * 31) + 7 + (i >> 16)) % 251);
        }

        return content;
    }

    public BundleWriter CreateWriter() => BundleWriter.Create(Store, Patient, Ledger, Options, Random);

    public BundleWriter CreateWriter(Stream output) => BundleWriter.Create(output, Patient, Ledger, Options, Random);

    /// <summary>Seals documents into the store.</summary>
    public async Task<BundleHeader> SealAsync(params byte[][] contents)
    {
        await using BundleWriter writer = CreateWriter();
        foreach (byte[] content in contents)
        {
            await writer.AddAsync(new MemoryStream(content), new DocumentInfo("A title", "text/plain"));
        }

        return await writer.CompleteAsync();
    }

    /// <summary>Seals documents into a file.</summary>
    public async Task<(byte[] File, BundleHeader Header)> SealFileAsync(params byte[][] contents)
    {
        using var output = new MemoryStream();
        await using BundleWriter writer = CreateWriter(output);
        foreach (byte[] content in contents)
        {
            await writer.AddAsync(new MemoryStream(content), new DocumentInfo("A title", "text/plain"));
        }

        BundleHeader header = await writer.CompleteAsync();
        return (output.ToArray(), header);
    }

    public Task<BundleReader> OpenAsync(BundleHeader header) => BundleReader.OpenAsync(Store, header.Digest, Patient.PublicKeys);

    public Task<BundleReader> OpenFileAsync(byte[] file) => BundleReader.OpenAsync(new MemoryStream(file), Patient.PublicKeys);

    public static async Task<PhrDataException> RefusedAsync(string stage, PhrDataReason reason, Func<Task> action)
    {
        PhrDataException e = await Assert.ThrowsAsync<PhrDataException>(action);
        Assert.Equal((stage, reason), (e.Stage, e.Reason));
        return e;
    }

    public static PhrDataException Refused(string stage, PhrDataReason reason, Action action)
    {
        PhrDataException e = Assert.Throws<PhrDataException>(action);
        Assert.Equal((stage, reason), (e.Stage, e.Reason));
        return e;
    }

    public void Dispose() => Patient.Dispose();

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
