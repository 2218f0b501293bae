using System.Diagnostics;

namespace Phr.Crypto;

/// <summary>A word of a list that is doubtful, and what it may have been.</summary>
/// <remarks>Immutable and thread safe. The candidates may be part of a secret: show them to whoever typed the list, and put them nowhere else.</remarks>
[DebuggerDisplay("{Fault} at {Position}")]
public sealed class WordSuggestion
{
    internal WordSuggestion(int position, WordFault fault, IReadOnlyList<string> candidates, bool restoresChecksum)
    {
        Position = position;
        Fault = fault;
        Candidates = candidates;
        RestoresChecksum = restoresChecksum;
    }

    /// <summary>Which word, from 1.</summary>
    public int Position { get; }

    /// <summary>What is wrong with it.</summary>
    public WordFault Fault { get; }

    /// <summary>What it may have been, the likeliest first; empty when nothing is near, and for words that are swapped or too many.</summary>
    public IReadOnlyList<string> Candidates { get; }

    /// <summary>
    /// Whether the whole list is right once this is put right. If more than one word is wrong, chance can make it seem so once in about
    /// 30,000 lists; the digest of the other lists shows it, where there are several.
    /// </summary>
    public bool RestoresChecksum { get; }

    /// <summary>The type's name; never a word.</summary>
    /// <returns><c>WordSuggestion</c>.</returns>
    public override string ToString() => nameof(WordSuggestion);
}
