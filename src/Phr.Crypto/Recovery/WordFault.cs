namespace Phr.Crypto;

/// <summary>What is wrong with a word of a list, or seems to be.</summary>
public enum WordFault
{
    /// <summary>It is no word of the list of 1,024.</summary>
    Unknown = 0,
    /// <summary>It is a word, and with another one in its place the checksum would fit.</summary>
    Doubtful,
    /// <summary>The checksum would fit if this word and the next one changed places.</summary>
    SwappedWithNext,
    /// <summary>The checksum would fit if there were one more word at this position.</summary>
    MissingHere,
    /// <summary>The checksum would fit without this word.</summary>
    Surplus,
}
