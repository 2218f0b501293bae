using System.Text.Json;
using Phr.Crypto.Search;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Search;

public class SearchTermTests
{
    private static readonly JsonDocument _vectors = JsonDocument.Parse(File.ReadAllBytes(RepositoryRoot.Combine("tests", "vectors", "search", "text.json")));

    public static TheoryData<string> Texts => [.. _vectors.RootElement.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Texts))]
    public void Words_OfTheVectors_AreTheirsAndInNormalForm(string name)
    {
        JsonElement vector = _vectors.RootElement.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        string text = vector.GetProperty("text").GetString()!, normal = vector.GetProperty("normal").GetString()!;

        Assert.Equal(normal, SearchText.Normalize(text));
        Assert.Equal(normal, SearchText.Normalize(normal));
        IReadOnlyList<SearchTerm> words = SearchTerm.Words(text);
        Assert.Equal(vector.GetProperty("words").EnumerateArray().Select(w => w.GetString()), words.Select(w => w.Value));
        Assert.All(words, w => Assert.Equal(w, SearchTerm.Word(w.Value)));
        Assert.All(words, w => Assert.True(SearchTerm.TryRead((int)w.Kind, w.Value, out _)));
    }

    /// <summary>Every line of Unicode's NormalizationTest.txt, given by PHR_UNICODE_TEST, has one normal form in all its columns.</summary>
    [Fact]
    public void Normalize_UnicodesOwnTest_MakesEquivalentTextsEqual()
    {
        string? file = Environment.GetEnvironmentVariable("PHR_UNICODE_TEST");
        Assert.SkipWhen(file is null, "PHR_UNICODE_TEST names no file: Unicode's NormalizationTest.txt, edition 15.0, is not installed (Debian: unicode-data).");
        int lines = 0;
        foreach (string line in File.ReadLines(file!).Where(l => l.Length > 0 && l[0] is not ('#' or '@')))
        {
            string[] forms = [.. line.Split(';').Take(5).Select(column => SearchText.Normalize(string.Concat(column.Split(' ').Select(c => char.ConvertFromUtf32(Convert.ToInt32(c, 16))))))];
            Assert.True(forms.Distinct().Count() == 1, line);
            lines++;
        }

        Assert.True(lines > 15_000);
    }

    [Fact]
    public void Normalize_LoneSurrogates_AreNoPartOfAWord() =>
        Assert.Equal(["a", "b"], SearchTerm.Words("a\ud800b\udc00").Select(w => w.Value));

    [Theory]
    [InlineData("")]
    [InlineData("...")]
    [InlineData("heart attack")]
    [InlineData("ECG/EKG")]
    public void Word_NotOneWord_IsRefused(string text) => Assert.Throws<ArgumentException>(() => SearchTerm.Word(text));

    [Fact]
    public void Word_TooLong_IsRefusedByItsNormalForm()
    {
        Assert.Equal(SearchTerm.MaxLength, SearchTerm.Word(new string('a', SearchTerm.MaxLength)).Value.Length);
        Assert.Throws<ArgumentException>(() => SearchTerm.Word(new string('a', SearchTerm.MaxLength + 1)));
        Assert.Throws<ArgumentException>(() => SearchTerm.Word(new string('é', 86)));
    }

    [Fact]
    public void Word_SurroundedByOtherCharacters_IsTheWordAlone() => Assert.Equal(SearchTerm.Word("pain"), SearchTerm.Word(" \"PAIN\"! "));

    [Theory]
    [InlineData("22298006")]
    [InlineData("http://snomed.info/sct|")]
    [InlineData("a|b|c")]
    [InlineData("a b|c")]
    [InlineData("a|b\n")]
    [InlineData("a|é")]
    public void Code_NotSystemAndCode_IsRefused(string token) => Assert.Throws<ArgumentException>(() => SearchTerm.Code(token));

    [Fact]
    public void Code_AsFhirWritesIt_IsKeptExactly()
    {
        Assert.Equal("http://loinc.org|718-7", SearchTerm.Code("http://loinc.org|718-7").Value);
        Assert.Equal("|1a", SearchTerm.Code("|1a").Value);
        Assert.NotEqual(SearchTerm.Code("|a"), SearchTerm.Code("|A"));
        Assert.Throws<ArgumentException>(() => SearchTerm.Code("|" + new string('a', SearchTerm.MaxLength)));
    }

    [Theory]
    [InlineData(0, "pain")]
    [InlineData(3, "pain")]
    [InlineData(1, "Pain")]
    [InlineData(1, "two words")]
    [InlineData(1, "")]
    [InlineData(1, "\u00e9")]
    [InlineData(2, "pain")]
    public void TryRead_NotAsItIsWritten_ReturnsFalse(int kind, string value) => Assert.False(SearchTerm.TryRead(kind, value, out _));

    [Fact]
    public void ToString_AnyTerm_DoesNotSayIt()
    {
        Assert.Equal("SearchTerm", SearchTerm.Word("schizophrenia").ToString());
        Assert.Equal("SearchQuery", SearchQuery.Of(SearchTerm.Word("schizophrenia")).ToString());
    }
}
