using System.Text;
using Phr.Crypto.Tests.Sharing;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Recovery;

/// <summary>Reading what people type: what is tolerated, what is refused, and how a wrong word is named.</summary>
public class RecoveryWordsTests
{
    private const string Valid =
        "duckling enlarge academic academic agency result length solution fridge kidney coal piece deal husband erode duke ajar critical decision keyboard";

    private static readonly string[] ValidWords = Valid.Split(' ');

    [Fact]
    public void Parse_ListOfTheVectors_ShowsWhatItIs()
    {
        using RecoveryWords list = RecoveryWords.Parse(Valid);
        Assert.Equal((20, 1, 1, 1, 1, 1), (list.WordCount, list.Group, list.GroupCount, list.GroupThreshold, list.Member, list.MemberThreshold));
        Assert.False(list.IsExtendable);
        Assert.True(RecoveryWordsCheck.Of(Valid).IsValid);
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("  {0}\r\n")]
    public void Parse_WhiteSpaceAround_IsTolerated(string format) => Same(string.Format(null, format, Valid));

    [Fact]
    public void Parse_CaseSeparatorsNumbersAndFourLetters_AreTolerated()
    {
        Same(Valid.ToUpperInvariant());
        Same(Valid.Replace(" ", ", ", StringComparison.Ordinal));
        Same(Valid.Replace(" ", "\u00a0\t\n", StringComparison.Ordinal));
        Same(string.Join(' ', ValidWords.Select(w => w[..4])));
        Same(string.Join('\n', ValidWords.Select((w, i) => $"{i + 1}. {w}")));
        Same(string.Join('\n', ValidWords.Select((w, i) => $"{i + 1}) {w}")));
    }

    [Fact]
    public void Check_EveryPlaceWithAnotherWord_NamesThePlaceAndTheRightWord()
    {
        for (int place = 0; place < ValidWords.Length; place++)
        {
            foreach (string wrong in (string[])["academic", "zero", "lying", "exotic"])
            {
                if (ValidWords[place] == wrong)
                {
                    continue;
                }

                string text = With(place, wrong);
                RecoveryWordsCheck check = RecoveryWordsCheck.Of(text);
                Assert.False(check.IsValid);
                WordSuggestion suggestion = Assert.Single(check.Suggestions);
                Assert.Equal((place + 1, WordFault.Doubtful, true), (suggestion.Position, suggestion.Fault, suggestion.RestoresChecksum));
                Assert.Equal([ValidWords[place]], suggestion.Candidates);
                PhrDataException refused = Assert.Throws<PhrDataException>(() => RecoveryWords.Parse(text));
                Assert.Contains($"Word {place + 1} is the doubtful one.", refused.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(ValidWords[place], refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Check_TwoNeighboursSwapped_NamesThem()
    {
        for (int place = 0; place + 1 < ValidWords.Length; place++)
        {
            if (ValidWords[place] == ValidWords[place + 1])
            {
                continue;
            }

            string[] words = [.. ValidWords];
            (words[place], words[place + 1]) = (words[place + 1], words[place]);
            RecoveryWordsCheck check = RecoveryWordsCheck.Of(string.Join(' ', words));
            Assert.Contains(check.Suggestions, s => s.Fault == WordFault.SwappedWithNext && s.Position == place + 1);
            Assert.Contains($"Words {place + 1} and {place + 2} seem to be swapped.", check.Problem, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Check_WordLeftOut_FindsTheGapAndTheWord()
    {
        for (int place = 0; place < ValidWords.Length; place++)
        {
            RecoveryWordsCheck check = RecoveryWordsCheck.Of(string.Join(' ', ValidWords.Where((_, i) => i != place)));
            Assert.Equal(PhrDataReason.WrongLength, check.Reason);
            Assert.Contains(check.Suggestions, s => s.Fault == WordFault.MissingHere && s.Position == place + 1 && s.Candidates.Contains(ValidWords[place]));
        }
    }

    [Fact]
    public void Check_WordWrittenTwice_FindsIt()
    {
        for (int place = 0; place < ValidWords.Length; place++)
        {
            RecoveryWordsCheck check = RecoveryWordsCheck.Of(string.Join(' ', [.. ValidWords[..place], "lying", .. ValidWords[place..]]));
            Assert.Equal(PhrDataReason.WrongLength, check.Reason);
            Assert.Contains(check.Suggestions, s => s.Fault == WordFault.Surplus && s.Position == place + 1);
        }
    }

    [Fact]
    public void Check_OneUnknownWord_FollowsFromTheOthers()
    {
        RecoveryWordsCheck check = RecoveryWordsCheck.Of(With(6, "qqqqqq"));
        WordSuggestion suggestion = Assert.Single(check.Suggestions);
        Assert.Equal((7, WordFault.Unknown, true), (suggestion.Position, suggestion.Fault, suggestion.RestoresChecksum));
        Assert.Equal(["length"], suggestion.Candidates);
        Assert.Contains("word 7 is not in the list", check.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_SeveralUnknownWords_OffersTheNearest()
    {
        string text = With(6, "lenght").Replace("result", "reslut", StringComparison.Ordinal);
        RecoveryWordsCheck check = RecoveryWordsCheck.Of(text);
        Assert.Equal([6, 7], check.Suggestions.Select(s => s.Position));
        Assert.Equal("result", check.Suggestions[0].Candidates[0]);
        Assert.Equal("length", check.Suggestions[1].Candidates[0]);
        Assert.All(check.Suggestions, s => Assert.False(s.RestoresChecksum));
        PhrDataException refused = Assert.Throws<PhrDataException>(() => RecoveryWords.Parse(text));
        Assert.Contains("words 6, 7 are not in the list", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("lenght", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ThreeWrongWordsAnywhere_IsRefused()
    {
        var random = new StreamRandom("three wrong words");
        Span<byte> draw = stackalloc byte[9];
        for (int i = 0; i < 2000; i++)
        {
            random.Fill(draw);
            string[] words = [.. ValidWords];
            for (int k = 0; k < 3; k++)
            {
                words[draw[3 * k] % words.Length] = WordOf((draw[(3 * k) + 1] << 8) | draw[(3 * k) + 2]);
            }

            string text = string.Join(' ', words);
            Assert.Equal(text == Valid, RecoveryWords.TryParse(text, out _));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("academic")]
    [InlineData("1. 2. 3.")]
    public void Parse_NoList_SaysHowManyWordsItHas(string text)
    {
        PhrDataException refused = Assert.Throws<PhrDataException>(() => RecoveryWords.Parse(text));
        Assert.Equal(PhrDataReason.WrongLength, refused.Reason);
        Assert.Contains("words", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_MoreThanALongList_IsRefused()
    {
        Assert.Equal(PhrDataReason.WrongLength, Assert.Throws<PhrDataException>(() => RecoveryWords.Parse(string.Join(' ', Enumerable.Repeat("zero", 2000)))).Reason);
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => RecoveryWords.Parse(new string(' ', RecoveryWords.MaxTextLength + 1))).Reason);
        Assert.False(RecoveryWords.TryParse(new string(' ', RecoveryWords.MaxTextLength + 1), out _));
    }

    [Fact]
    public void Parse_DamagedTexts_GiveOnlyDataExceptions()
    {
        byte[][] samples = [.. new[] { Valid, string.Join('\n', ValidWords.Select((w, i) => $"{i + 1}. {w[..4]}")) }.Select(Encoding.UTF8.GetBytes)];
        Mutations.Run(
            "recovery words",
            samples,
            bytes =>
            {
                string text = Encoding.UTF8.GetString(bytes);
                using RecoveryWords list = RecoveryWords.Parse(text);
                Assert.True(RecoveryWordsCheck.Of(text).IsValid);
                Assert.True(RecoveryWords.Parse(list.Text()).FixedTimeEquals(list));
                return true;
            },
            e => e is PhrDataException);
    }

    [Fact]
    public void ExportWords_TooShort_IsRefused()
    {
        using RecoveryWords list = RecoveryWords.Parse(Valid);
        Assert.Throws<ArgumentException>(() => list.ExportWords(new char[179]));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.WordAt(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => list.WordAt(21));
    }

    private static void Same(string text)
    {
        using RecoveryWords list = RecoveryWords.Parse(text);
        Assert.Equal(Valid, list.Text());
    }

    private static string With(int place, string word) => string.Join(' ', ValidWords.Select((w, i) => i == place ? word : w));

    private static string WordOf(int index) => Phr.Crypto.Recovery.WordList.TextVarTime(index & 1023);
}
