using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Recovery;

/// <summary>Between a list of words, as indices, and the value it carries.</summary>
internal static class WordsFormat
{
    public const string Stage = "recovery words";
    public const int MinSecretLength = 16;
    public const int MaxSecretLength = 512;
    public const int MinWords = 20;
    public const int MaxTextLength = 16_384;

    private const int Overhead = WordsHeader.Words + Rs1024.Words;

    public static int MaxWords => CountOf(MaxSecretLength);

    /// <summary>How many words a list has that carries so many bytes.</summary>
    public static int CountOf(int secretLength) => Overhead + (((8 * secretLength) + 9) / 10);

    /// <summary>How many bytes a list of so many words carries, or null when there is no such list.</summary>
    public static int? SecretLengthOf(int words)
    {
        int bits = 10 * (words - Overhead), padding = bits % 16;
        return words >= MinWords && words <= MaxWords && padding <= 8 ? (bits - padding) / 8 : null;
    }

    /// <summary>Checks everything that one list alone can show. The padding is secret like the value it precedes, but a wrong one is told.</summary>
    public static (PhrDataReason Reason, string Detail)? FindFault(ReadOnlySpan<ushort> words)
    {
        if (SecretLengthOf(words.Length) is not { } length)
        {
            return (PhrDataReason.WrongLength, CountFault(words.Length));
        }

        WordsHeader header = WordsHeader.Read(words);
        if (Rs1024.Residue(words, header.Extendable) != 0)
        {
            return (PhrDataReason.DigestMismatch, "the words do not fit together: at least one of them is wrong, or in the wrong place.");
        }

        if (header.GroupThreshold > header.GroupCount)
        {
            return (PhrDataReason.OutOfRange, $"it asks for {header.GroupThreshold} groups and says that there are {header.GroupCount}.");
        }

        int padding = (10 * (words.Length - Overhead)) - (8 * length);
        return words[WordsHeader.Words] >> (10 - padding) != 0
            ? (PhrDataReason.NonCanonical, "the bits before the value are not zero.")
            : null;
    }

    public static string CountFault(int count) => count < MinWords
        ? $"it has {count} words, and a list has {MinWords} or more; most have 20 or 33."
        : $"it has {count} words, and no list has so many; most have 20 or 33.";

    /// <summary>Takes the value out of words that have no fault.</summary>
    public static SecretBytes ReadValue(ReadOnlySpan<ushort> words)
    {
        var value = new SecretBytes(SecretLengthOf(words.Length)!.Value);
        Span<byte> bytes = value.Reveal();
        uint buffer = 0;
        int bits = 0, at = bytes.Length - 1;
        for (int i = words.Length - Rs1024.Words - 1; i >= WordsHeader.Words; i--)
        {
            buffer |= (uint)words[i] << bits;
            for (bits += 10; bits >= 8 && at >= 0; bits -= 8, at--)
            {
                bytes[at] = (byte)(buffer & 0xff);
                buffer >>= 8;
            }
        }

        return value;
    }

    public static void Write(WordsHeader header, ReadOnlySpan<byte> value, Span<ushort> words)
    {
        words.Clear();
        header.Write(words);
        uint buffer = 0;
        int bits = 0, at = value.Length - 1;
        for (int i = words.Length - Rs1024.Words - 1; i >= WordsHeader.Words; i--)
        {
            for (; bits < 10 && at >= 0; bits += 8, at--)
            {
                buffer |= (uint)value[at] << bits;
            }

            words[i] = (ushort)(buffer & 1023);
            buffer >>= 10;
            bits -= 10;
        }

        Rs1024.Seal(words, header.Extendable);
    }

    /// <summary>
    /// Takes a text apart. Words are separated by white space, commas or semicolons; a number with or without a point, bracket or colon, as in a
    /// numbered list, is passed over.
    /// </summary>
    /// <returns>How many words there are; at most one more than fit, when there are too many.</returns>
    public static int Tokenize(ReadOnlySpan<char> text, Span<Range> tokens)
    {
        int count = 0, at = 0;
        while (at < text.Length && count < tokens.Length)
        {
            int begin = at;
            while (at < text.Length && !IsSeparator(text[at]))
            {
                at++;
            }

            if (at > begin && !IsNumbering(text[begin..at]))
            {
                tokens[count++] = begin..at;
            }

            at++;
        }

        return count;
    }

    private static bool IsSeparator(char c) => char.IsWhiteSpace(c) || c is ',' or ';';

    private static bool IsNumbering(ReadOnlySpan<char> token)
    {
        ReadOnlySpan<char> digits = token[^1] is '.' or ')' or ':' ? token[..^1] : token;
        return digits.Length is > 0 and <= 3 && !digits.ContainsAnyExceptInRange('0', '9');
    }
}
