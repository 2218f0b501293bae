using System.IO.Compression;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>
/// Takes everything that a contract stores out of the node and compares it, in both directions, with what the model, evolved from the events alone, says should be there: no word differs, none is
/// missing, and there is none that the model does not explain.
/// </summary>
internal static class StorageComparison
{
    /// <returns>How many words hold something.</returns>
    public static async Task<int> RunAsync(DevNode node, EthereumConsentLedger ledger)
    {
        await ledger.GetHeadAsync();
        ConsentState state = ledger.SeenState;
        (Dictionary<Digest, Digest> stored, BigInteger balance) = await DumpAsync(node, ledger.Id.Contract);
        var expected = new Dictionary<Digest, ContractSlot>();
        foreach (ContractSlot slot in state.ContractSlots())
        {
            Assert.True(expected.TryAdd(slot.Key, slot), $"two things lie in one place: {slot.What} and {expected[slot.Key].What}");
        }

        string[] differences =
        [
            .. expected.Values.Where(slot => stored.GetValueOrDefault(slot.Key) != slot.Value).Select(slot => $"{slot.What}: the model has {slot.Value}, the contract {stored.GetValueOrDefault(slot.Key)}"),
            .. stored.Where(slot => !expected.ContainsKey(slot.Key)).Select(slot => $"nothing explains {slot.Value} at {slot.Key}"),
        ];
        Assert.True(differences.Length == 0, string.Join(Environment.NewLine, differences));
        Assert.Equal(state.ContractBalance() * 1_000_000_000, balance);
        return stored.Count;
    }

    /// <summary>Every word that is not zero, and the contract's ether.</summary>
    private static async Task<(Dictionary<Digest, Digest> Storage, BigInteger Balance)> DumpAsync(DevNode node, ActorId contract)
    {
        byte[] packed = Convert.FromHexString(((string)(await node.DevAsync("anvil_dumpState"))!)[2..]);
        await using var plain = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        JsonNode account = (await JsonNode.ParseAsync(plain))!["accounts"]!.AsObject().Single(pair => string.Equals(pair.Key, $"0x{contract}", StringComparison.OrdinalIgnoreCase)).Value!;
        Dictionary<Digest, Digest> storage = account["storage"]!.AsObject().ToDictionary(pair => Word(pair.Key), pair => Word((string)pair.Value!));
        return (storage.Where(pair => !pair.Value.IsZero).ToDictionary(), new BigInteger(Word((string)account["balance"]!).ToBytes(), isUnsigned: true, isBigEndian: true));
    }

    private static Digest Word(string hex) => Digest.FromBytes(Convert.FromHexString(hex[2..].PadLeft(64, '0')));

    /// <summary>The variables' places as the compiler laid them out.</summary>
    public static Dictionary<string, int> ReadLayout()
    {
        using Stream stream = typeof(EthereumConsentLedger).Assembly.GetManifestResourceStream("Phr.Consent.Contracts.PhrLedger.json")!;
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.GetProperty("storageLayout").GetProperty("storage").EnumerateArray().ToDictionary(
            item => item.GetProperty("label").GetString()!,
            item => int.Parse(item.GetProperty("slot").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
    }
}
