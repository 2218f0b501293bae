// Writes the C# bindings of the compiled contracts. With --check it writes nothing and fails when a file is not what it would write.
using System.Text.Json.Nodes;
using Phr.Bindings;

const string LedgerContract = "PhrLedger";
const string LedgerArtifacts = "contracts/artifacts";
const string LedgerBindings = "src/Phr.Consent/Ethereum/Bindings";
const string LedgerNamespace = "Phr.Consent.Ethereum.Bindings";
const string TestNamespace = "Phr.Ethereum.Tests.Contracts";
const string TestContracts = "tests/Phr.Ethereum.Tests/Contracts";

bool check = args.Contains("--check");
if (args.Any(a => a != "--check") || !File.Exists("Phr.Crypto.sln"))
{
    Console.Error.WriteLine("Usage, in the repository's folder: eng/bindings.sh [--check]");
    return 2;
}

var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
// The ledger first, in full. Its modules are called through it, so of them only the constructors are needed, with the structs that the ledger does not have.
var ledgerStructs = new SortedDictionary<string, string>(StringComparer.Ordinal);
foreach (string artifact in Artifacts(LedgerArtifacts).OrderBy(a => Path.GetFileNameWithoutExtension(a) != LedgerContract))
{
    Add(artifact, LedgerBindings, LedgerNamespace, Path.GetFileNameWithoutExtension(artifact) != LedgerContract, ledgerStructs);
}

foreach (string artifact in Artifacts(TestContracts))
{
    Add(artifact, TestContracts, TestNamespace + "." + Path.GetFileNameWithoutExtension(artifact), constructorOnly: false, []);
}

string[] written = [.. files.Keys.Select(f => f[..f.LastIndexOf('/')]).Concat([LedgerBindings, TestContracts]).Distinct().Where(Directory.Exists).SelectMany(d => Directory.GetFiles(d, "*.g.cs")).Select(f => f.Replace('\\', '/'))];
string[] stale = [.. written.Except(files.Keys), .. files.Where(f => !File.Exists(f.Key) || File.ReadAllText(f.Key) != f.Value).Select(f => f.Key)];
foreach (string file in stale)
{
    Console.WriteLine(check ? $"stale: {file}" : $"wrote: {file}");
    if (check)
    {
        continue;
    }

    if (files.TryGetValue(file, out string? text))
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
    else
    {
        File.Delete(file);
    }
}

Console.WriteLine($"{files.Count} files, {stale.Length} {(check ? "stale" : "written")}");
return check && stale.Length > 0 ? 1 : 0;

static IEnumerable<string> Artifacts(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal) : [];

void Add(string artifact, string folder, string fullNamespace, bool constructorOnly, SortedDictionary<string, string> structs)
{
    JsonNode json = JsonNode.Parse(File.ReadAllText(artifact))!;
    if (json["abi"] is JsonArray && (string?)json["contractName"] is { Length: > 0 } name)
    {
        files[$"{folder}/{name}.g.cs"] = new ContractWriter(json, structs).Write(fullNamespace, constructorOnly);
    }
}
