using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Where a ledger's contract is on its chain, and by which rules it was made: what the deploying tool writes into an address file and a client reads from it.</summary>
/// <remarks>
/// It is public, and worth no more than its origin: who puts another contract into it puts the client on another ledger. What it says of the rules and the code is checked against the chain
/// when a client connects. Immutable and thread safe.
/// </remarks>
public sealed record EthereumDeployment
{
    private const string Stage = "address file";
    private const string Format = "phr/ethereum-deployment/v1";
    private const int MaxLength = 1 << 16;

    /// <summary>The ledger: its chain and its contract.</summary>
    public required LedgerId Ledger { get; init; }

    /// <summary>The block in which the contract was made: nothing of the ledger is before it.</summary>
    public required ulong StartBlock { get; init; }

    /// <summary>The ledger's rules.</summary>
    public required LedgerParameters Parameters { get; init; }

    /// <summary>The contracts that the ledger calls on, by their names in Solidity.</summary>
    public IReadOnlyDictionary<string, ActorId> Modules { get; init; } = ImmutableSortedDictionary<string, ActorId>.Empty;

    /// <summary>Reads an address file.</summary>
    /// <param name="path">The file, as <see cref="SaveAsync"/> wrote it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The deployment.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="PhrDataException">The file is no address file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<EthereumDeployment> LoadAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new FileInfo(path) is { Exists: true, Length: > MaxLength }
            ? throw Fault("it is too long.")
            : FromJson(await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Reads the text of an address file.</summary>
    /// <param name="json">What <see cref="ToJson"/> wrote.</param>
    /// <returns>The deployment.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="json"/> is null.</exception>
    /// <exception cref="PhrDataException">The text is no address file.</exception>
    public static EthereumDeployment FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.GetProperty("format").GetString() != Format)
            {
                throw Fault($"its format is not {Format}.");
            }

            return new EthereumDeployment
            {
                Ledger = new LedgerId(root.GetProperty("chainId").GetUInt64(), ReadAddress(root.GetProperty("ledger"))),
                StartBlock = root.GetProperty("startBlock").GetUInt64(),
                Parameters = LedgerParameters.FromBytes(Convert.FromHexString(root.GetProperty("parameters").GetString() ?? string.Empty)),
                Modules = root.GetProperty("modules").EnumerateObject().ToImmutableSortedDictionary(module => module.Name, module => ReadAddress(module.Value), StringComparer.Ordinal),
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new PhrDataException(Stage, PhrDataReason.Malformed, "it is no address file of a ledger.", e);
        }
    }

    /// <summary>Writes the address file's text: JSON with the rules readable as well as exact.</summary>
    /// <returns>The text.</returns>
    public string ToJson()
    {
        var modules = new JsonObject();
        foreach ((string name, ActorId address) in Modules.OrderBy(module => module.Key, StringComparer.Ordinal))
        {
            modules[name] = "0x" + address;
        }

        return new JsonObject
        {
            ["format"] = Format,
            ["chainId"] = Ledger.ChainId,
            ["ledger"] = "0x" + Ledger.Contract,
            ["startBlock"] = StartBlock,
            ["foundingAgency"] = "0x" + Parameters.FoundingAgency,
            ["parameters"] = Convert.ToHexStringLower(Parameters.ToBytes()),
            ["modules"] = modules,
        }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    /// <summary>Writes the address file, whole or not at all.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>When it is written.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public async Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.new");
        await File.WriteAllTextAsync(temporary, ToJson(), cancellationToken).ConfigureAwait(false);
        File.Move(temporary, path, overwrite: true);
    }

    private static ActorId ReadAddress(JsonElement element) =>
        element.GetString() is { Length: 42 } text && text.StartsWith("0x", StringComparison.Ordinal) && ActorId.TryParse(text[2..].ToLowerInvariant(), out ActorId address) ? address : throw Fault("an address is not 0x and 40 digits.");

    private static PhrDataException Fault(string detail) => new(Stage, PhrDataReason.Malformed, detail);
}
