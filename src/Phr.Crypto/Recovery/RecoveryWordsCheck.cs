using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Phr.Crypto.Recovery;

namespace Phr.Crypto;

/// <summary>Looks at a list of words that somebody typed, and says which word is doubtful and what it may have been.</summary>
/// <remarks>
/// <para>
/// The checksum finds any three wrong words. One wrong word it also names: the word is found by trying every other word in every place, two
/// neighbours by trying every swap, a missing or a surplus word by trying every gap and every word. A word that is not in the list is
/// compared with all that are; of several, the first eight.
/// </para>
/// <para>
/// Cost: some milliseconds at most. Not constant in time: it is for words that are being typed on the owner's device. Immutable and thread
/// safe. See <see cref="WordSuggestion"/> for what must not be done with its contents.
/// </para>
/// </remarks>
[DebuggerDisplay("{Reason}, {Suggestions.Count} suggestions")]
public sealed class RecoveryWordsCheck
{
    private const int MostCandidates = 5;
    private const int MostUnknownCompared = 8;

    private RecoveryWordsCheck(PhrDataReason? reason, string? problem, int wordCount, IReadOnlyList<WordSuggestion> suggestions)
    {
        Reason = reason;
        Problem = problem;
        WordCount = wordCount;
        Suggestions = suggestions;
    }

    /// <summary>Whether it is a list of words whose checksum fits.</summary>
    public bool IsValid => Reason is null;

    /// <summary>Why it is none; null when it is one.</summary>
    public PhrDataReason? Reason { get; }

    /// <summary>One sentence for a person, with positions and without words; null when the list is valid.</summary>
    public string? Problem { get; }

    /// <summary>How many words the text has; when there are too many, one more than the most.</summary>
    public int WordCount { get; }

    /// <summary>The doubtful words, in order of position; those that would put the whole list right come first.</summary>
    public IReadOnlyList<WordSuggestion> Suggestions { get; }

    /// <summary>Checks a text.</summary>
    /// <param name="text">As for <see cref="RecoveryWords.Parse"/>. The caller wipes it.</param>
    /// <returns>What is wrong with it, if anything is.</returns>
    public static RecoveryWordsCheck Of(ReadOnlySpan<char> text)
    {
        if (text.Length > WordsFormat.MaxTextLength)
        {
            return new RecoveryWordsCheck(PhrDataReason.TooLarge, $"the text has more than {WordsFormat.MaxTextLength} characters.", 0, []);
        }

        Span<Range> tokens = stackalloc Range[WordsFormat.MaxWords + 1];
        int count = WordsFormat.Tokenize(text, tokens);
        // One place more, for the search for a missing word.
        Span<ushort> words = stackalloc ushort[count + 1];
        try
        {
            var unknown = new List<int>();
            for (int i = 0; i < count; i++)
            {
                int index = WordList.Find(text[tokens[i]]);
                words[i] = (ushort)Math.Max(index, 0);
                if (index < 0)
                {
                    unknown.Add(i);
                }
            }

            return unknown.Count > 0
                ? Unknown(text, tokens, words[..count], unknown)
                : Known(words, count);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
        }
    }

    /// <summary>The type's name; never a word.</summary>
    /// <returns><c>RecoveryWordsCheck</c>.</returns>
    public override string ToString() => nameof(RecoveryWordsCheck);

    private static RecoveryWordsCheck Unknown(ReadOnlySpan<char> text, ReadOnlySpan<Range> tokens, Span<ushort> words, List<int> unknown)
    {
        var suggestions = new List<WordSuggestion>();
        foreach (int at in unknown)
        {
            // A single unknown word follows from all the others.
            List<ushort> exact = unknown.Count == 1 && WordsFormat.SecretLengthOf(words.Length) is not null ? Replacements(words, at, WorkOutGains(words.Length)[at]) : [];
            suggestions.Add(exact.Count > 0
                ? new WordSuggestion(at + 1, WordFault.Unknown, Texts(exact), restoresChecksum: true)
                : new WordSuggestion(at + 1, WordFault.Unknown, suggestions.Count < MostUnknownCompared ? WordList.NearestVarTime(text[tokens[at]], MostCandidates) : [], restoresChecksum: false));
        }

        string which = unknown.Count == 1 ? "word" : "words";
        string verb = unknown.Count == 1 ? "is" : "are";
        return new RecoveryWordsCheck(
            PhrDataReason.Malformed, $"{which} {Positions(unknown)} {verb} not in the list of recovery words.", words.Length, suggestions);
    }

    private static RecoveryWordsCheck Known(Span<ushort> words, int count)
    {
        if (WordsFormat.FindFault(words[..count]) is not { } fault)
        {
            return new RecoveryWordsCheck(null, null, count, []);
        }

        var found = new List<WordSuggestion>();
        if (fault.Reason == PhrDataReason.DigestMismatch)
        {
            FindReplaced(words[..count], found);
            FindSwapped(words[..count], found);
        }

        if (fault.Reason is PhrDataReason.DigestMismatch or PhrDataReason.WrongLength && count <= WordsFormat.MaxWords)
        {
            FindMissing(words, count, found);
            FindSurplus(words[..count], found);
        }

        string detail = found.Count == 1 ? $"{fault.Detail} {Explain(found[0])}" : fault.Detail;
        return new RecoveryWordsCheck(fault.Reason, detail, count, found);
    }

    private static string Explain(WordSuggestion suggestion) => suggestion.Fault switch
    {
        WordFault.SwappedWithNext => string.Create(CultureInfo.InvariantCulture, $"Words {suggestion.Position} and {suggestion.Position + 1} seem to be swapped."),
        WordFault.MissingHere => string.Create(CultureInfo.InvariantCulture, $"A word seems to be missing at position {suggestion.Position}."),
        WordFault.Surplus => string.Create(CultureInfo.InvariantCulture, $"Word {suggestion.Position} seems to be one too many."),
        _ => string.Create(CultureInfo.InvariantCulture, $"Word {suggestion.Position} is the doubtful one."),
    };

    private static void FindReplaced(Span<ushort> words, List<WordSuggestion> found)
    {
        uint[][] gains = WorkOutGains(words.Length);
        uint residue = Rs1024.Residue(words, WordsHeader.Read(words).Extendable);
        for (int at = 0; at < words.Length; at++)
        {
            List<ushort> fits = Replacements(words, at, gains[at], residue);
            if (fits.Count > 0)
            {
                found.Add(new WordSuggestion(at + 1, WordFault.Doubtful, Texts(fits), restoresChecksum: true));
            }
        }
    }

    private static void FindSwapped(Span<ushort> words, List<WordSuggestion> found)
    {
        for (int at = 0; at + 1 < words.Length; at++)
        {
            (words[at], words[at + 1]) = (words[at + 1], words[at]);
            if (WordsFormat.FindFault(words) is null)
            {
                found.Add(new WordSuggestion(at + 1, WordFault.SwappedWithNext, [], restoresChecksum: true));
            }

            (words[at], words[at + 1]) = (words[at + 1], words[at]);
        }
    }

    private static void FindMissing(Span<ushort> words, int count, List<WordSuggestion> found)
    {
        if (WordsFormat.SecretLengthOf(count + 1) is null)
        {
            return;
        }

        // The gap starts behind the last word and moves to the front.
        uint[][] gains = WorkOutGains(count + 1);
        words[count] = 0;
        for (int at = count; at >= 0; at--)
        {
            List<ushort> fits = Replacements(words, at, gains[at]);
            if (fits.Count > 0)
            {
                found.Add(new WordSuggestion(at + 1, WordFault.MissingHere, Texts(fits), restoresChecksum: true));
            }

            if (at > 0)
            {
                (words[at - 1], words[at]) = (words[at], words[at - 1]);
            }
        }

        words[1..].CopyTo(words);
        found.Reverse();
    }

    private static void FindSurplus(Span<ushort> words, List<WordSuggestion> found)
    {
        if (WordsFormat.SecretLengthOf(words.Length - 1) is null)
        {
            return;
        }

        Span<ushort> rest = stackalloc ushort[words.Length - 1];
        words[1..].CopyTo(rest);
        for (int at = 0; at < words.Length; at++)
        {
            if (WordsFormat.FindFault(rest) is null)
            {
                found.Add(new WordSuggestion(at + 1, WordFault.Surplus, [], restoresChecksum: true));
            }

            if (at < rest.Length)
            {
                rest[at] = words[at];
            }
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(rest));
    }

    // The words that make the list right when put at one place. The checksum is linear: a change of a word by e changes what is left over by the
    // sum of the gains of e's bits, except that bit 4 of the second word also chooses the text that the checksum begins with.
    private static List<ushort> Replacements(Span<ushort> words, int at, uint[] gains, uint? known = null)
    {
        bool extendable = WordsHeader.Read(words).Extendable;
        uint same = known ?? Rs1024.Residue(words, extendable);
        uint other = at == 1 ? Rs1024.Residue(words, !extendable) : same;
        ushort old = words[at];
        var fits = new List<ushort>();
        Span<ushort> changes = stackalloc ushort[WordList.Count];
        foreach (ushort change in changes[..Rs1024.FindChanges(gains, same, other, at == 1 ? 16 : 0, changes)])
        {
            words[at] = (ushort)(old ^ change);
            if (WordsFormat.FindFault(words) is null)
            {
                fits.Add(words[at]);
            }
        }

        words[at] = old;
        return fits;
    }

    // For each place, by how much each of the ten bits of its word changes what is left over.
    private static uint[][] WorkOutGains(int count)
    {
        var gains = new uint[count][];
        for (int bit = 0; bit < 10; bit++)
        {
            uint state = Rs1024.Step(0, 1u << bit);
            for (int at = count - 1; at >= 0; at--)
            {
                gains[at] ??= new uint[10];
                gains[at][bit] = state;
                state = Rs1024.Step(state, 0);
            }
        }

        return gains;
    }

    private static string[] Texts(List<ushort> indices) => [.. indices.Select(i => WordList.TextVarTime(i))];

    private static string Positions(List<int> places)
    {
        string shown = string.Join(", ", places.Take(10).Select(p => (p + 1).ToString(CultureInfo.InvariantCulture)));
        return places.Count > 10 ? $"{shown} and {places.Count - 10} more" : shown;
    }
}
