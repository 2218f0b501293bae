using System.Globalization;
using System.Text.Json;
using Phr.Fuzz;

// See CONTRIBUTING.md, "Fuzzing". Nothing of Phr.Crypto may run before there is a map to count in.
return args switch
{
    ["list"] => List(),
    ["instrument", string library] => Instrument(library),
    ["seeds", string target, string folder] => Seeds(target, folder),
    ["afl", string target] => Afl(target),
    ["run", string target, .. string[] options] => Run(target, Options(options)),
    ["replay", string target, string file] => Replay(target, file),
    ["report", string folder, string page, string machine] => Report.Write(folder, page, machine),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        Phr.Fuzz list
        Phr.Fuzz instrument LIBRARY.dll
        Phr.Fuzz seeds TARGET FOLDER
        Phr.Fuzz afl TARGET                       under afl-fuzz
        Phr.Fuzz run TARGET [--executions N] [--seconds S] [--seed N] [--corpus FILE.br] [--pack FILE.br] [--pack-bytes N] [--crashes FOLDER] [--result FILE.json]
        Phr.Fuzz replay TARGET FILE
        Phr.Fuzz report FOLDER PAGE.md MACHINE
        """);
    return 2;
}

static int List()
{
    _ = new CoverageMap();
    foreach (FuzzTarget target in FuzzTargets.All.Concat(FhirFuzzTargets.All))
    {
        Console.WriteLine(target.Name);
    }

    return 0;
}

// Arithmetic, tables and what the compiler makes for them are left as they are: they have loops of fixed length and no branch that an input could lead to.
static int Instrument(string library)
{
    string[] plain = ["<PrivateImplementationDetails>", "Phr.Crypto.Secp256k1.", "Phr.Crypto.Keccak256", "Phr.Crypto.Recovery.Gf256", "Phr.Crypto.Recovery.Rs1024", "Phr.Crypto.Recovery.WordList", "Phr.Ml.Numerics.Vectors", "Phr.Ml.Numerics.KMeans", "Phr.Ml.Numerics.Pca", "Phr.Ml.Explanations."];
    string[] types = [.. SharpFuzz.Fuzzer.Instrument(library, type => !plain.Any(p => type.StartsWith(p, StringComparison.Ordinal)), SharpFuzz.Options.Value)];
    Console.WriteLine($"{types.Length} types instrumented");
    return 0;
}

static int Seeds(string name, string folder)
{
    _ = new CoverageMap();
    FuzzTarget target = Target(name);
    Directory.CreateDirectory(folder);
    foreach (byte[] seed in target.Seeds().Concat(CorpusFile.Read(KeptCorpus.PathOf(name))))
    {
        File.WriteAllBytes(Path.Combine(folder, CorpusFile.NameOf(seed)), seed);
    }

    return 0;
}

static int Afl(string name)
{
    _ = new CoverageMap();
    FuzzTarget target = Target(name);
    target.Seeds();
    SharpFuzz.Fuzzer.Run(stream =>
    {
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        target.Run(bytes.ToArray());
    });
    return 0;
}

static int Run(string name, Dictionary<string, string> options)
{
    var map = new CoverageMap();
    FuzzTarget target = Target(name);
    string Option(string key, string otherwise) => options.GetValueOrDefault(key, otherwise);
    long Number(string key, long otherwise) => options.TryGetValue(key, out string? text) ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    var driver = new Driver(target, map, (ulong)Number("--seed", 1), Option("--crashes", "TestResults/fuzz/crashes"));
    FuzzResult result = driver.Run(
        Number("--executions", 10_000_000), TimeSpan.FromSeconds(Number("--seconds", 86_400)),
        CorpusFile.Read(Option("--corpus", KeptCorpus.PathOf(name))), options.GetValueOrDefault("--pack"), (int)Number("--pack-bytes", 256 << 10));
    string json = JsonSerializer.Serialize(result);
    Console.WriteLine(json);
    if (options.TryGetValue("--result", out string? file))
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        File.WriteAllText(file, json);
    }

    return result.Crashes > 0 ? 1 : 0;
}

static int Replay(string name, string file)
{
    _ = new CoverageMap();
    Console.WriteLine(Target(name).Run(File.ReadAllBytes(file)) ? "accepted" : "refused");
    return 0;
}

static Dictionary<string, string> Options(string[] options) => options.Chunk(2).ToDictionary(o => o[0], o => o[1]);

static FuzzTarget Target(string name) => FuzzTargets.Find(name) ?? FhirFuzzTargets.Find(name) ?? throw new ArgumentException($"There is no target {name}; see 'list'.");
