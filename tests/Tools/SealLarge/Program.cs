// Seals one large document into a single-file bundle, opens it again and compares every byte, and says how much memory
// that took at its peak.
//
//   dotnet run -c Release --project tests/Tools/SealLarge -- MEBIBYTES [FOLDER]
//
// The bundle is really written to FOLDER (the system's temporary folder by default) and deleted at the end. The output is
// "sealed SECONDS opened SECONDS peak KIBIBYTES", the peak being resident memory (VmHWM); the exit code is 1 above 100 MiB.
using System.Diagnostics;
using System.Globalization;
using Phr.Crypto;

const int MaxPeakKibibytes = 100 * 1024;
long length = long.Parse(args[0], CultureInfo.InvariantCulture) << 20;
string path = Path.Combine(args.Length > 1 ? args[1] : Path.GetTempPath(), $"seal-large-{Environment.ProcessId}.phrb");
using PatientKeys patient = PatientKeys.Generate();
try
{
    var clock = Stopwatch.StartNew();
    DocumentId id;
    await using (FileStream output = File.Create(path))
    {
        await using BundleWriter writer = BundleWriter.Create(output, patient, new LedgerId(0, patient.Identity.Id));
        id = await writer.AddAsync(new PatternStream(length), new DocumentInfo("A genome", "application/octet-stream"));
        await writer.CompleteAsync();
    }

    double sealedAfter = clock.Elapsed.TotalSeconds;
    clock.Restart();
    await using (FileStream input = File.OpenRead(path))
    {
        await using BundleReader reader = await BundleReader.OpenAsync(input, patient.PublicKeys);
        using var same = new PatternStream(length);
        OpenedDocument opened = await reader.DecryptAsync(id, patient, same);
        if (opened.Info.Length != length || same.Position != length)
        {
            throw new InvalidDataException("The opened document is not as long as the sealed one.");
        }

        using DocumentKey key = reader.Header.OpenDocumentKey(id, patient);
        await using Stream anywhere = reader.OpenStream(id, key);
        byte[] piece = new byte[1000];
        foreach (long place in (long[])[0, length / 2, length - piece.Length])
        {
            anywhere.Position = same.Position = place;
            await anywhere.ReadExactlyAsync(piece);
            await same.WriteAsync(piece);
        }
    }

    double openedAfter = clock.Elapsed.TotalSeconds;
    string status = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
    int peak = int.Parse(status.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"sealed {sealedAfter:F1} opened {openedAfter:F1} peak {peak}"));
    return peak <= MaxPeakKibibytes ? 0 : 1;
}
finally
{
    File.Delete(path);
}

/// <summary>A stream of bytes that follow from their place. Reading gives them; writing compares.</summary>
internal sealed class PatternStream(long length) : Stream
{
    // Longer than any read, and of a length that no chunk size divides.
    private static readonly byte[] _pattern = MakePattern(1_048_583);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => length;

    public override long Position { get; set; }

    public override int Read(Span<byte> buffer)
    {
        int start = (int)(Position % _pattern.Length);
        int count = (int)Math.Min(Math.Min(buffer.Length, _pattern.Length - start), length - Position);
        _pattern.AsSpan(start, count).CopyTo(buffer);
        Position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int start = (int)(Position % _pattern.Length);
            int count = Math.Min(buffer.Length, _pattern.Length - start);
            if (!buffer[..count].SequenceEqual(_pattern.AsSpan(start, count)))
            {
                throw new InvalidDataException($"The opened document differs after byte {Position}.");
            }

            Position += count;
            buffer = buffer[count..];
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static byte[] MakePattern(int count)
    {
        byte[] pattern = new byte[count];
        uint state = 1;
        for (int i = 0; i < count; i++)
        {
            state = unchecked((state * 1_664_525) + 1_013_904_223);
            pattern[i] = (byte)(state >> 24);
        }

        return pattern;
    }
}
