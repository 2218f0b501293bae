using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Recovery;

namespace Phr.Crypto;

/// <summary>One list of recovery words (a SLIP-0039 mnemonic): one share of a secret, as words that a person writes on paper.</summary>
/// <remarks>
/// <para>
/// A list is a secret: it is kept in wiped memory and comes out only by <see cref="ExportWords"/> and <see cref="WordAt"/>. It shows which
/// group and member it is and how many are needed, because that is no secret and a person has to be told.
/// </para>
/// <para>
/// 20 words carry 16 bytes, 33 words carry 32; in general 7 words more than the bytes take at 10 bits a word. Source: SLIP-0039. Words are
/// found and written without a look-up by a secret index; only <see cref="WordAt"/>, which is for display, has one. Thread safe until disposed.
/// </para>
/// </remarks>
[DebuggerDisplay("RecoveryWords, group {Group}, member {Member}")]
public sealed class RecoveryWords : IDisposable
{
    /// <summary>The fewest words that a list has: 20.</summary>
    public const int MinWordCount = WordsFormat.MinWords;

    /// <summary>The most letters that a word has: 8.</summary>
    public const int MaxWordLength = WordList.MaxLength;

    /// <summary>The most characters that a text to read may have: 16,384.</summary>
    public const int MaxTextLength = WordsFormat.MaxTextLength;

    // Two bytes for each word's index, in the machine's own order.
    private readonly SecretBytes _words;

    internal RecoveryWords(ReadOnlySpan<ushort> words)
    {
        _words = new SecretBytes(MemoryMarshal.AsBytes(words));
        WordCount = words.Length;
        Header = WordsHeader.Read(words);
    }

    /// <summary>The most words that a list has: 417, which carry 512 bytes.</summary>
    public static int MaxWordCount => WordsFormat.MaxWords;

    /// <summary>How many words it has.</summary>
    public int WordCount { get; }

    /// <summary>A number of 0..32,767 that all lists of one backup share; the first two words show it. Not secret.</summary>
    public int Identifier => Header.Identifier;

    /// <summary>Whether the secret can be split again under the same passphrase, so that old and new lists decrypt alike.</summary>
    public bool IsExtendable => Header.Extendable;

    /// <summary>How much work a passphrase costs: 10,000 · 2^e rounds of PBKDF2 in all, e of 0..15.</summary>
    public int IterationExponent => Header.IterationExponent;

    /// <summary>Which group it belongs to, 1..16.</summary>
    public int Group => Header.Group + 1;

    /// <summary>How many groups must be complete, 1..16.</summary>
    public int GroupThreshold => Header.GroupThreshold;

    /// <summary>How many groups there are, 1..16.</summary>
    public int GroupCount => Header.GroupCount;

    /// <summary>Which member of the group it is for, 1..16.</summary>
    public int Member => Header.Member + 1;

    /// <summary>How many members make the group complete, 1..16. How many members the group has, a list does not say.</summary>
    public int MemberThreshold => Header.MemberThreshold;

    internal WordsHeader Header { get; }

    internal int SecretLength => WordsFormat.SecretLengthOf(WordCount)!.Value;

    private ReadOnlySpan<ushort> Indices => MemoryMarshal.Cast<byte, ushort>(_words.Reveal());

    /// <summary>How many words a list has that carries a secret of some length.</summary>
    /// <param name="secretLength">16..512 bytes, an even number.</param>
    /// <returns>20 for 16 bytes, 33 for 32.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is not one that a list carries.</exception>
    public static int WordCountOf(int secretLength)
    {
        Slip39.RequireLength(secretLength);
        return WordsFormat.CountOf(secretLength);
    }

    /// <summary>Reads a list of words and checks its checksum. The caller wipes <paramref name="text"/>.</summary>
    /// <param name="text">
    /// The words in order, at most <see cref="MaxTextLength"/> characters, separated by white space, commas or semicolons. Upper and lower case
    /// are the same, four letters of a word are enough, and the numbers of a numbered list are passed over.
    /// </param>
    /// <returns>The list. The caller disposes it.</returns>
    /// <exception cref="PhrDataException">
    /// It is no list of words. The message says which word is doubtful, by its position and not by its letters; <see cref="RecoveryWordsCheck"/> has
    /// suggestions to show to whoever typed it.
    /// </exception>
    public static RecoveryWords Parse(ReadOnlySpan<char> text)
    {
        if (TryParse(text, out RecoveryWords? words))
        {
            return words;
        }

        RecoveryWordsCheck check = RecoveryWordsCheck.Of(text);
        throw new PhrDataException(WordsFormat.Stage, check.Reason!.Value, check.Problem!);
    }

    /// <summary>Reads a list of words, without an exception.</summary>
    /// <param name="text">As for <see cref="Parse"/>. The caller wipes it.</param>
    /// <param name="words">The list, or null. The caller disposes it.</param>
    /// <returns>Whether the text was a list of words whose checksum fits.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out RecoveryWords? words)
    {
        words = null;
        if (text.Length > MaxTextLength)
        {
            return false;
        }

        Span<Range> tokens = stackalloc Range[MaxWordCount + 1];
        int count = WordsFormat.Tokenize(text, tokens);
        if (WordsFormat.SecretLengthOf(count) is null)
        {
            return false;
        }

        Span<ushort> indices = stackalloc ushort[count];
        try
        {
            for (int i = 0; i < count; i++)
            {
                int index = WordList.Find(text[tokens[i]]);
                if (index < 0)
                {
                    return false;
                }

                indices[i] = (ushort)index;
            }

            words = WordsFormat.FindFault(indices) is null ? new RecoveryWords(indices) : null;
            return words is not null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(indices));
        }
    }

    /// <summary>
    /// Writes the whole secret out in letters, words separated by one space: for a person to copy by hand, on a device that nobody else sees.
    /// The caller wipes <paramref name="destination"/> afterwards; do not make a string of it, and do not store or send it.
    /// </summary>
    /// <param name="destination">Room for 9 characters for each word.</param>
    /// <returns>How many characters were written.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public int ExportWords(Span<char> destination)
    {
        ReadOnlySpan<ushort> indices = Indices;
        if (destination.Length < (MaxWordLength + 1) * indices.Length)
        {
            throw new ArgumentException($"There must be room for {(MaxWordLength + 1) * indices.Length} characters.", nameof(destination));
        }

        int written = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            if (i > 0)
            {
                destination[written++] = ' ';
            }

            written += WordList.Write(indices[i], destination[written..]);
        }

        return written;
    }

    /// <summary>One word, to show to its owner. The string is the word list's own: nothing of the secret is copied.</summary>
    /// <param name="position">Which word, from 1.</param>
    /// <returns>The word.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such word.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public string WordAt(int position)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(position, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, WordCount);
        return WordList.TextVarTime(Indices[position - 1]);
    }

    /// <summary>Compares two lists in fixed time.</summary>
    /// <param name="other">The other list.</param>
    /// <returns>Whether they have the same words.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="other"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">A list was disposed.</exception>
    public bool FixedTimeEquals(RecoveryWords other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return _words.FixedTimeEquals(other._words);
    }

    /// <summary>Wipes the words.</summary>
    public void Dispose() => _words.Dispose();

    /// <summary>The type's name; never a word.</summary>
    /// <returns><c>RecoveryWords</c>.</returns>
    public override string ToString() => nameof(RecoveryWords);

    internal static RecoveryWords Create(WordsHeader header, ReadOnlySpan<byte> value)
    {
        Span<ushort> words = stackalloc ushort[WordsFormat.CountOf(value.Length)];
        try
        {
            WordsFormat.Write(header, value, words);
            return new RecoveryWords(words);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(words));
        }
    }

    internal SecretBytes ReadValue() => WordsFormat.ReadValue(Indices);
}
