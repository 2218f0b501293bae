using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Phr.Crypto.Search;

namespace Phr.Crypto;

/// <summary>Something that a document can be found by: a word of its text, or a code that stands in it.</summary>
/// <remarks>
/// <para>Words are compared without regard to case, to compatibility forms (ligatures, full width, Roman numerals) and to characters that
/// are not seen; with regard to accents. The rules are those of one version of Unicode, 15.0, whatever the runtime's: docs/search-format.md §2.
/// There is no stemming, no splitting of compounds, and no splitting of scripts that are written without spaces.</para>
/// <para>A term says what a patient's documents are about, so <see cref="ToString"/> does not. Immutable and thread safe.</para>
/// </remarks>
[DebuggerDisplay("SearchTerm")]
public sealed class SearchTerm : IEquatable<SearchTerm>
{
    /// <summary>The most bytes that <see cref="Value"/> has as UTF-8: 256.</summary>
    public const int MaxLength = SearchText.MaxWordLength;

    private SearchTerm(SearchTermKind kind, string value)
    {
        Kind = kind;
        Value = value;
    }

    /// <summary>What it is.</summary>
    public SearchTermKind Kind { get; }

    /// <summary>A word in its normal form, which need not be composed; or <c>system|code</c>. 1 to 256 bytes of UTF-8.</summary>
    public string Value { get; }

    /// <summary>Makes a term of one word.</summary>
    /// <param name="word">The word, in any case and form; what stands around its letters, marks and numbers does not count.</param>
    /// <returns>The term.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="word"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no word, or more than one, or it is longer than 256 bytes.</exception>
    public static SearchTerm Word(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        string[] words = [.. SearchText.Split(word).Take(2)];
        return words.Length == 1 && Encoding.UTF8.GetByteCount(words[0]) <= MaxLength
            ? new SearchTerm(SearchTermKind.Word, words[0])
            : throw new ArgumentException($"That is not one word of at most {MaxLength} bytes; a text is split by {nameof(Words)}.", nameof(word));
    }

    /// <summary>Finds the words of a text.</summary>
    /// <param name="text">Any text: a title, a letter, the text of a FHIR resource.</param>
    /// <returns>Each different word once, in the order of the text. A word of more than 256 bytes is left out.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static IReadOnlyList<SearchTerm> Words(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. SearchText.Split(text).Where(static w => Encoding.UTF8.GetByteCount(w) <= MaxLength).Distinct(StringComparer.Ordinal)
            .Select(static w => new SearchTerm(SearchTermKind.Word, w))];
    }

    /// <summary>Makes a term of a code.</summary>
    /// <param name="token">
    /// System and code as FHIR R4 search writes them, <c>http://snomed.info/sct|22298006</c>: one bar, after which the code, before which the
    /// system, which may be missing. Printable ASCII without spaces, at most 256 characters. Compared exactly, letter case included.
    /// </param>
    /// <returns>The term.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="token"/> is null.</exception>
    /// <exception cref="ArgumentException">The text is not as it must be.</exception>
    public static SearchTerm Code(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return IsCode(token)
            ? new SearchTerm(SearchTermKind.Code, token)
            : throw new ArgumentException($"A code is written system|code, in at most {MaxLength} printable ASCII characters without spaces.", nameof(token));
    }

    /// <summary>Whether both are the same term.</summary>
    /// <param name="other">Another term, or null.</param>
    /// <returns>Whether kind and value are equal.</returns>
    public bool Equals(SearchTerm? other) => other is not null && Kind == other.Kind && string.Equals(Value, other.Value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SearchTerm);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Value);

    /// <summary>The type's name; never the term.</summary>
    /// <returns><c>SearchTerm</c>.</returns>
    public override string ToString() => nameof(SearchTerm);

    /// <summary>Makes a term that was written down, if it is in the one form in which it is written.</summary>
    internal static bool TryRead(int kind, string value, [NotNullWhen(true)] out SearchTerm? term)
    {
        term = (SearchTermKind)kind switch
        {
            SearchTermKind.Word when Encoding.UTF8.GetByteCount(value) <= MaxLength && SearchText.Split(value).SequenceEqual([value]) => new(SearchTermKind.Word, value),
            SearchTermKind.Code when IsCode(value) => new(SearchTermKind.Code, value),
            _ => null,
        };
        return term is not null;
    }

    /// <summary>What is keyed: the kind as one byte, and the value as UTF-8.</summary>
    internal byte[] ToKeyedBytes() => [(byte)Kind, .. Encoding.UTF8.GetBytes(Value)];

    private static bool IsCode(string token)
    {
        int bar = token.IndexOf('|', StringComparison.Ordinal);
        return token.Length <= MaxLength && bar >= 0 && bar == token.LastIndexOf('|') && bar < token.Length - 1
            && !token.AsSpan().ContainsAnyExceptInRange('!', '~');
    }
}
