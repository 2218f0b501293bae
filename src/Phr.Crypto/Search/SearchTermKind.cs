namespace Phr.Crypto;

/// <summary>What a search term is. The number is part of what is keyed: a word never matches a code.</summary>
public enum SearchTermKind
{
    /// <summary>A word of a text, in its normal form.</summary>
    Word = 1,

    /// <summary>A code of a code system.</summary>
    Code = 2,
}
