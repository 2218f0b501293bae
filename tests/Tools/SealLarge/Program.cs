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
