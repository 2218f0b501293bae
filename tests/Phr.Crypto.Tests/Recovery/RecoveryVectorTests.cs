using System.Text.Json;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Recovery;

/// <summary>The official vectors of SLIP-0039.</summary>
public class RecoveryVectorTests
{
    private const string Passphrase = "TREZOR";

    // What a case that must fail fails with: the lists themselves, or their combination.
    private static readonly Dictionary<int, PhrDataReason> Reasons = new()
    {
        [2] = PhrDataReason.DigestMismatch,
        [3] = PhrDataReason.NonCanonical,
        [5] = PhrDataReason.BelowThreshold,
        [6] = PhrDataReason.Mismatched,
        [7] = PhrDataReason.Mismatched,
        [8] = PhrDataReason.Mismatched,
        [9] = PhrDataReason.Mismatched,
        [10] = PhrDataReason.OutOfRange,
        [11] = PhrDataReason.Duplicate,
        [12] = PhrDataReason.Mismatched,
        [13] = PhrDataReason.CommitmentMismatch,
        [14] = PhrDataReason.BelowThreshold,
        [15] = PhrDataReason.BelowThreshold,
        [16] = PhrDataReason.BelowThreshold,
        [39] = PhrDataReason.WrongLength,
        [40] = PhrDataReason.WrongLength,
    };

    private static readonly JsonElement[] Cases = Load();

    public static TheoryData<int> Numbers => [.. Enumerable.Range(1, Cases.Length)];

    [Fact]
    public void Vectors_File_HasEveryOfficialCase() => Assert.Equal(45, Cases.Length);

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Combine_OfficialCase_EndsAsItSays(int number)
    {
        JsonElement one = Cases[number - 1];
        Assert.StartsWith($"{number}. ", one[0].GetString(), StringComparison.Ordinal);
        byte[] expected = Convert.FromHexString(one[2].GetString()!);
        if (expected.Length > 0)
        {
            RecoveryWords[] lists = Parse(one[1]);
            using SecretValue secret = Slip39.Combine(lists, Passphrase);
            Assert.Equal(expected, secret.Bytes.ToArray());
            Assert.All(lists, l => Assert.Equal(number >= 42, l.IsExtendable));
        }
        else
        {
            PhrDataException refused = Assert.Throws<PhrDataException>(() => Slip39.Combine(Parse(one[1]), Passphrase));
            // Cases 21 to 35 are 2 to 16 again with 256 bits.
            Assert.Equal(Reasons[number is >= 21 and <= 35 ? number - 19 : number], refused.Reason);
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void ExportWords_OfficialCase_WritesTheSameWords(int number)
    {
        foreach (JsonElement text in Cases[number - 1][1].EnumerateArray())
        {
            if (RecoveryWords.TryParse(text.GetString(), out RecoveryWords? list))
            {
                Assert.Equal(text.GetString(), list.Text());
                Assert.Equal(text.GetString(), string.Join(' ', Enumerable.Range(1, list.WordCount).Select(list.WordAt)));
                using var value = list.ReadValue();
                using RecoveryWords again = RecoveryWords.Create(list.Header, value.Reveal());
                Assert.True(again.FixedTimeEquals(list));
            }
        }
    }

    private static RecoveryWords[] Parse(JsonElement lists) => [.. lists.EnumerateArray().Select(m => RecoveryWords.Parse(m.GetString()))];

    private static JsonElement[] Load()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(RepositoryRoot.Combine("tests", "vectors", "slip39", "vectors.json")));
        return [.. document.RootElement.Clone().EnumerateArray()];
    }
}
