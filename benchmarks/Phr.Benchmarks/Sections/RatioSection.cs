using System.Globalization;
using Phr.Benchmarks.Measuring;
using Phr.Benchmarks.Report;
using Phr.Benchmarks.Scenes;
using Phr.Crypto;

namespace Phr.Benchmarks.Sections;

/// <summary>The comparisons with peers and their aims, in pairs that are measured in turns.</summary>
internal static class RatioSection
{
    public const string Name = "ratios";

    private const string Ours = "Phr";
    private const string BouncyCastle = "BouncyCastle";
    private const string LibSecp256k1 = "libsecp256k1";
    private const string UmbralPre = "umbral-pre";
    private const string OpenSsl = "openssl speed";
    private const string OneByOne = "one by one";
    private const int AgeMebibytes = 256;

    /// <summary>Measures and writes what it has after every comparison, so that a run that is stopped has left something.</summary>
    public static void Run(RunContext context)
    {
        double load = Machine.Load;
        var missing = new List<string>();
        var results = new List<ComparisonResult>();
        using PeerProcess? secp256k1 = Start(context, missing, LibSecp256k1, "secp256k1/peer", []);
        using PeerProcess? umbral = Start(context, missing, UmbralPre, "node", ["umbral/peer.mjs"]);
        var runner = new InterleavedRunner(context.Effort);
        foreach (IEnumerable<Comparison> group in Groups(context, secp256k1, umbral, missing))
        {
            foreach (Comparison comparison in group)
            {
                if (!comparison.Id.Contains(context.Only, StringComparison.Ordinal))
                {
                    continue;
                }

                ComparisonResult result;
                try
                {
                    result = runner.Run(comparison);
                }
                catch (Exception e) when (e is InvalidOperationException or IOException or FormatException)
                {
                    missing.Add($"{comparison.Title}: {e.Message}");
                    continue;
                }

                results.Add(result);
                RunContext.Progress($"{result.Title}: {string.Join(", ", result.Measurements.Select(m => $"{m.Name} {Duration(m.Median)}"))}{Ratios(result)}");
                context.Results.Write(Name, new RatioResults(context.Effort.Name, load, missing, results));
            }
        }
    }

    public static string Duration(double nanoseconds) => nanoseconds switch
    {
        < 1e3 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds:0.0} ns"),
        < 1e6 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e3:0.00} µs"),
        < 1e9 => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:0.00} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e9:0.00} s"),
    };

    public static string Describe(Ratio ratio) => ratio.Kind switch
    {
        AimKind.TimesFaster => string.Create(CultureInfo.InvariantCulture, $"{ratio.Value:0.00}× faster"),
        AimKind.AtMostTimesSlower => string.Create(CultureInfo.InvariantCulture, $"{ratio.Value:0.00}× its time"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ratio.Value:0} % of its speed"),
    };

    public static string DescribeAim(Ratio ratio) => ratio.Aim is not { } aim ? "" : ratio.Kind switch
    {
        AimKind.TimesFaster => string.Create(CultureInfo.InvariantCulture, $"≥ {aim:0.##}×"),
        AimKind.AtMostTimesSlower => string.Create(CultureInfo.InvariantCulture, $"≤ {aim:0.##}×"),
        _ => string.Create(CultureInfo.InvariantCulture, $"≥ {aim:0} %"),
    };

    private static string Ratios(ComparisonResult result) =>
        string.Concat(result.Ratios.Select(r => $"; {Describe(r)} ({r.Peer}{(r.IsMet is { } met ? $", aim {DescribeAim(r)} {(met ? "met" : "NOT MET")}" : "")})"));

    private static PeerProcess? Start(RunContext context, List<string> missing, string name, string program, string[] arguments)
    {
        if (context.Peers is not { } folder)
        {
            missing.Add($"{name}: no folder of peers was given");
            return null;
        }

        bool own = program.Contains('/', StringComparison.Ordinal);
        var peer = PeerProcess.TryStart(own ? Path.Combine(folder, program) : program, arguments.Select(a => Path.Combine(folder, a)), out string? why);
        if (peer is null)
        {
            missing.Add($"{name}: {why}");
            RunContext.Progress($"missing: {name}: {why}");
        }

        return peer;
    }

    private static IEnumerable<IEnumerable<Comparison>> Groups(RunContext context, PeerProcess? secp256k1, PeerProcess? umbral, List<string> missing)
    {
        yield return Curve(secp256k1);
        yield return UmbralOperations(umbral);
        yield return Batches();
        yield return Bulk(context, missing);
        yield return Envelopes();
    }

    private static IEnumerable<Comparison> Curve(PeerProcess? peer)
    {
        var scene = new CurveScene();
        Subject[] With(Subject ours, Subject? bouncyCastle, string? operation) =>
        [
            ours,
            .. bouncyCastle is null ? [] : new[] { bouncyCastle },
            .. peer is null || operation is null ? [] : new[] { peer.Subject(LibSecp256k1, operation) },
        ];

        yield return new Comparison(
            "multiply-point", "multiply any point, constant in time", "1 variable",
            With(Subject.Of(Ours, scene.MultiplyPoint), Subject.Of(BouncyCastle, scene.BcMultiplyPoint), "ecdh"),
            [new Aim(BouncyCastle, AimKind.TimesFaster, 3), new Aim(LibSecp256k1, AimKind.AtMostTimesSlower, 2.5)]);
        yield return new Comparison(
            "multiply-point-vartime", "multiply a public point by a public number", "1 variable, not constant in time",
            With(Subject.Of(Ours, scene.MultiplyPointVarTime), Subject.Of(BouncyCastle, scene.BcMultiplyPoint), "tweak_mul"),
            [new Aim(BouncyCastle, AimKind.TimesFaster, 3), new Aim(LibSecp256k1, AimKind.AtMostTimesSlower, 2.5)]);
        yield return new Comparison(
            "multiply-base", "multiply G, constant in time", "1 fixed",
            With(Subject.Of(Ours, scene.MultiplyBase), Subject.Of(BouncyCastle, scene.BcMultiplyBase), "create"),
            [new Aim(BouncyCastle, AimKind.TimesFaster, 5), new Aim(LibSecp256k1, AimKind.AtMostTimesSlower, 2.5)]);
        yield return new Comparison(
            "multiply-second-base", "multiply Umbral's U, constant in time", "1 fixed",
            With(Subject.Of(Ours, scene.MultiplySecondBase), Subject.Of(BouncyCastle, scene.BcMultiplyPoint), null),
            [new Aim(BouncyCastle, AimKind.TimesFaster, null)]);
        yield return new Comparison(
            "linear-combination", "a·G + b·P of public values", "1 double",
            With(Subject.Of(Ours, scene.LinearCombination), Subject.Of(BouncyCastle, scene.BcLinearCombination), null),
            [new Aim(BouncyCastle, AimKind.TimesFaster, null)]);
        yield return new Comparison(
            "add-points", "add two points", "1 addition, 1 inversion",
            With(Subject.Of(Ours, scene.Add), Subject.Of(BouncyCastle, scene.BcAdd), null),
            [new Aim(BouncyCastle, AimKind.TimesFaster, null)]);
        yield return new Comparison(
            "read-point", "read a compressed point", "1 square root",
            With(Subject.Of(Ours, scene.Read), Subject.Of(BouncyCastle, scene.BcRead), null),
            [new Aim(BouncyCastle, AimKind.TimesFaster, null)]);
        yield return new Comparison(
            "multiply-scalar", "multiply modulo n", "32 products of limbs",
            With(Subject.Of(Ours, i => scene.Multiply(i)), Subject.Of(BouncyCastle, i => scene.BcMultiply(i)), null),
            [new Aim(BouncyCastle, AimKind.TimesFaster, null)]);
        yield return new Comparison(
            "invert-scalar", "invert modulo n, constant in time", "590 division steps",
            With(Subject.Of(Ours, i => scene.Invert(i)), Subject.Of(BouncyCastle, i => scene.BcInvert(i)), null),
            [new Aim(BouncyCastle, AimKind.TimesFaster, null)]);
        yield return new Comparison(
            "invert-scalar-vartime", "invert a public number modulo n", "up to 590 division steps",
            With(Subject.Of(Ours, i => scene.InvertVarTime(i)), Subject.Of(BouncyCastle, i => scene.BcInvert(i)), null),
            [new Aim(BouncyCastle, AimKind.TimesFaster, null)]);
        yield return new Comparison(
            "ecdsa-sign", "sign a digest, recoverable", "1 fixed, 1 inversion",
            With(Subject.Of(Ours, i => scene.Sign(i)), Subject.Of(BouncyCastle, i => scene.BcSign(i)), "sign"),
            [new Aim(BouncyCastle, AimKind.TimesFaster, null), new Aim(LibSecp256k1, AimKind.AtMostTimesSlower, null)]);
        yield return new Comparison(
            "ecdsa-verify", "verify a signature", "1 double, 1 inversion",
            With(Subject.Of(Ours, scene.Verify), Subject.Of(BouncyCastle, scene.BcVerify), "verify"),
            [new Aim(BouncyCastle, AimKind.TimesFaster, null), new Aim(LibSecp256k1, AimKind.AtMostTimesSlower, null)]);
    }

    private static IEnumerable<Comparison> UmbralOperations(PeerProcess? peer)
    {
        using var scene = new UmbralScene();
        Comparison Of(string id, string title, string operations, Action operation, string theirs) => new(
            id, title, operations,
            [Subject.Of(Ours, _ => operation()), .. peer is null ? [] : new[] { peer.Subject(UmbralPre, theirs) }],
            [new Aim(UmbralPre, AimKind.TimesFaster, 3)]);

        yield return Of("umbral-encrypt", "Umbral: encrypt 32 bytes", "2 fixed, 1 variable", () => scene.Encrypt(), "encrypt");
        yield return Of("umbral-decrypt", "Umbral: decrypt one's own", "1 variable", () => scene.DecryptOriginal(), "decryptOriginal");
        yield return Of("umbral-kfrags", "Umbral: delegate to 3 of 5", "21 fixed, 6 variable", () => scene.GenerateKeyFrags(), "generateKfrags");
        yield return Of("umbral-verify-kfrag", "Umbral: verify a key fragment", "1 variable, 2 double", () => scene.VerifyKeyFrag(), "verifyKfrag");
        yield return Of("umbral-reencrypt", "Umbral: re-encrypt", "5 variable", () => scene.Reencrypt(), "reencrypt");
        yield return Of("umbral-verify-cfrag", "Umbral: verify a capsule fragment", "4 double", () => scene.VerifyCapsuleFrag(), "verifyCfrag");
        yield return Of("umbral-decrypt-reencrypted", "Umbral: decrypt with 3 fragments", "10 variable, some of them summed", () => scene.DecryptReencrypted(), "decryptReencrypted");
    }

    private static IEnumerable<Comparison> Bulk(RunContext context, List<string> missing)
    {
        const int chunk = ChunkScene.ChunkLength;
        using var scene = new ChunkScene();
        bool speed = !context.Effort.IsSmoke && Tools.OpenSslSpeed("aes-256-gcm", chunk, 1) is not null;
        if (!speed)
        {
            missing.Add($"{OpenSsl}: not there, or not asked for");
        }

        static double Speed(string algorithm) =>
            Tools.OpenSslSpeed(algorithm, chunk, 1) ?? throw new InvalidOperationException($"openssl speed {algorithm} gave no figure.");
        Subject cipher = new(OpenSsl, count => count * Speed("aes-256-gcm")) { TakesItsOwnTime = true };
        Subject series = new("AES and SHA-256 in series", count => count * (Speed("aes-256-gcm") + Speed("sha256"))) { TakesItsOwnTime = true };
        yield return new Comparison(
            "chunk-seal", "seal 64 KiB from memory, one core", "AES-256-GCM",
            [Subject.Of(Ours, scene.Seal), .. speed ? [cipher] : Array.Empty<Subject>()], [new Aim(OpenSsl, AimKind.PercentOfSpeed, 85)]);
        yield return new Comparison(
            "chunk-open", "open 64 KiB from memory, one core", "AES-256-GCM",
            [Subject.Of(Ours, scene.Open), .. speed ? [cipher] : Array.Empty<Subject>()], [new Aim(OpenSsl, AimKind.PercentOfSpeed, 85)]);
        yield return new Comparison(
            "chunk-seal-cid", "seal 64 KiB and take it into a content id, one core", "AES-256-GCM, SHA-256",
            [Subject.Of(Ours, scene.SealAndHash), .. speed ? [series] : Array.Empty<Subject>()], [new Aim(series.Name, AimKind.PercentOfSpeed, 90)]);
        foreach (Comparison comparison in Files(context, missing))
        {
            yield return comparison;
        }
    }

    private static IEnumerable<Comparison> Files(RunContext context, List<string> missing)
    {
        string folder = Directory.CreateTempSubdirectory("phr-benchmark-").FullName;
        try
        {
            int mebibytes = context.Effort.IsSmoke ? 1 : AgeMebibytes;
            string input = Path.Combine(folder, "plain"), ours = Path.Combine(folder, "ours"), theirs = Path.Combine(folder, "theirs"), identity = Path.Combine(folder, "identity");
            using (FileStream file = File.Create(input))
            {
                byte[] block = new byte[1 << 20];
                for (int i = 0; i < mebibytes; i++)
                {
                    Random.Shared.NextBytes(block);
                    file.Write(block);
                }
            }

            string? recipient = Tools.Output("age-keygen", "-o", identity) is null ? null : Tools.Output("age-keygen", "-y", identity);
            bool age = recipient is not null && !context.Effort.IsSmoke;
            if (!age)
            {
                missing.Add("age: not there, or not asked for");
            }

            var peer = Subject.Of("age", _ =>
            {
                if (Tools.Output("age", "-r", recipient!, "-o", theirs, input) is null)
                {
                    throw new InvalidOperationException("age failed.");
                }
            });
            yield return new Comparison(
                "file-seal", $"seal {mebibytes} MiB from file to file, no content id, one core", "AES-256-GCM; age: ChaCha20-Poly1305",
                [
                    Subject.Of(Ours, _ => ChunkScene.SealFile(input, ours)) with { TakesItsOwnTime = true },
                    .. age ? [peer with { TakesItsOwnTime = true, IsManaged = false }] : Array.Empty<Subject>(),
                ],
                [new Aim("age", AimKind.TimesFaster, 1.3)]);

            using var patient = PatientKeys.Generate();
            int cores = Math.Min(Environment.ProcessorCount, BundleWriterOptions.MaxParallelism);
            const string oneCore = "one core";
            var whole = Subject.Of(Ours, _ => SealBundle(patient, input, ours, 1)) with { TakesItsOwnTime = true };
            yield return new Comparison(
                "file-bundle", $"a bundle of {mebibytes} MiB from file to file, one core: content digest, padding, seal, content id", "AES-256-GCM, 2 SHA-256",
                [whole, .. age ? [peer with { TakesItsOwnTime = true, IsManaged = false }] : Array.Empty<Subject>()],
                [new Aim("age", AimKind.TimesFaster, null)]);
            yield return new Comparison(
                "file-bundle-cores", $"the same bundle on {cores} cores", "AES-256-GCM, 2 SHA-256",
                [Subject.Of(Ours, _ => SealBundle(patient, input, ours, cores)) with { TakesItsOwnTime = true, IsManaged = false }, whole with { Name = oneCore }],
                [new Aim(oneCore, AimKind.TimesFaster, null)]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void SealBundle(PatientKeys patient, string input, string output, int cores)
    {
        using FileStream source = File.OpenRead(input), destination = File.Create(output);
        SealAsync().GetAwaiter().GetResult();

        async Task SealAsync()
        {
            await using BundleWriter writer = BundleWriter.Create(
                destination, patient, new LedgerId(0, patient.Identity.Id), new BundleWriterOptions { Parallelism = cores });
            await writer.AddAsync(source, new DocumentInfo("a file", "application/octet-stream"));
            await writer.CompleteAsync();
        }
    }

    private static IEnumerable<Comparison> Batches()
    {
        using var sharing = new SharingScene(UmbralScene.ManyCount);
        using var umbral = new UmbralScene();
        yield return new Comparison(
            "cfrags-batch", $"verify {UmbralScene.ManyCount} capsule fragments at once, signatures included", "16 double, and a sum of 99",
            [Subject.Of(Ours, _ => umbral.VerifyMany()), Subject.Of(OneByOne, _ => umbral.VerifyManyOneByOne())],
            [new Aim(OneByOne, AimKind.TimesFaster, 2)]);
        yield return new Comparison(
            "feldman-batch", $"verify {sharing.Trustees} Feldman shares at once, {sharing.Threshold} needed", $"1 fixed, and a sum of {sharing.Threshold}",
            [Subject.Of(Ours, _ => sharing.VerifyMany()), Subject.Of(OneByOne, _ => sharing.VerifyManyOneByOne())],
            [new Aim(OneByOne, AimKind.TimesFaster, 2)]);
    }

    private static IEnumerable<Comparison> Envelopes()
    {
        using var scene = new EnvelopeScene();
        yield return new Comparison("envelope-seal", "seal an envelope of 100 bytes", "2 fixed, 1 variable", [Subject.Of(Ours, _ => scene.Seal())], []);
        yield return new Comparison("envelope-open", "open an envelope of 100 bytes", "1 variable, 1 double", [Subject.Of(Ours, _ => scene.Open())], []);
    }
}

/// <summary>What the section leaves.</summary>
internal sealed record RatioResults(string Effort, double LoadAtStart, IReadOnlyList<string> Missing, IReadOnlyList<ComparisonResult> Comparisons);
