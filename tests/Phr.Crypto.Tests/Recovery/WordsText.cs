namespace Phr.Crypto.Tests.Recovery;

/// <summary>A list of words as text, for tests only: outside of them it is not made a string.</summary>
internal static class WordsText
{
    public static string Text(this RecoveryWords list)
    {
        char[] text = new char[(RecoveryWords.MaxWordLength + 1) * list.WordCount];
        return new string(text, 0, list.ExportWords(text));
    }
}
