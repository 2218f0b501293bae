using System.Text;
using Phr.Crypto.Bundles;

namespace Phr.Crypto;

/// <summary>What a document is: sealed with it, and readable only with its key. The labels alone are visible, if the patient chooses any.</summary>
/// <remarks>Immutable. Thread safe. It is personal data: <see cref="ToString"/> shows none of it.</remarks>
public sealed class DocumentInfo
{
    /// <summary>The most bytes a title has in UTF-8.</summary>
    public const int MaxTitleLength = 1024;

    /// <summary>The most characters a media type has.</summary>
    public const int MaxMediaTypeLength = 127;

    /// <summary>The most visible labels a document has.</summary>
    public const int MaxLabels = 16;

    /// <summary>The most bytes a label has in UTF-8.</summary>
    public const int MaxLabelLength = 64;

    /// <summary>The most source signatures a document has.</summary>
    public const int MaxSourceSignatures = 8;

    private readonly SourceSignature[] _sourceSignatures = [];
    private readonly string[] _labels = [];

    /// <summary>Describes a document.</summary>
    /// <param name="title">For people: any text without control characters, at most 1,024 bytes of UTF-8. It may be empty.</param>
    /// <param name="mediaType">For programs: an RFC 6838 media type such as <c>application/dicom</c>, printable ASCII, at most 127 characters.</param>
    /// <exception cref="ArgumentNullException">A parameter is null.</exception>
    /// <exception cref="ArgumentException">A parameter is too long or has characters it may not have.</exception>
    public DocumentInfo(string title, string mediaType)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(mediaType);
        if (!IsText(title, MaxTitleLength))
        {
            throw new ArgumentException($"A title has at most {MaxTitleLength} bytes of UTF-8 and no control characters.", nameof(title));
        }

        if (!IsMediaType(mediaType))
        {
            throw new ArgumentException($"A media type is written type/subtype in printable ASCII, at most {MaxMediaTypeLength} characters.", nameof(mediaType));
        }

        Title = title;
        MediaType = mediaType;
    }

    internal DocumentInfo(string title, string mediaType, long length, Digest plaintextDigest, SourceSignature[] signatures, string[] labels)
        : this(title, mediaType)
    {
        Length = length;
        PlaintextDigest = plaintextDigest;
        _sourceSignatures = signatures;
        _labels = labels;
    }

    /// <summary>The title. Sealed.</summary>
    public string Title { get; }

    /// <summary>The media type. Sealed.</summary>
    public string MediaType { get; }

    /// <summary>Signatures of those the document came from. Sealed. Every one is over the plaintext's digest and names the patient of the bundle.</summary>
    /// <value>At most <see cref="MaxSourceSignatures"/>, none twice; none unless said.</value>
    /// <exception cref="ArgumentException">There are too many, or one is there twice.</exception>
    public IReadOnlyList<SourceSignature> SourceSignatures
    {
        get => _sourceSignatures;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Count > MaxSourceSignatures || value.Distinct().Count() != value.Count)
            {
                throw new ArgumentException($"A document has at most {MaxSourceSignatures} source signatures, none of them twice.", nameof(value));
            }

            _sourceSignatures = [.. value];
        }
    }

    /// <summary>Labels that everyone who has the header sees. The patient decides what they give away.</summary>
    /// <value>At most <see cref="MaxLabels"/>, each 1 to <see cref="MaxLabelLength"/> bytes of UTF-8 without control characters, none twice; none unless said.</value>
    /// <exception cref="ArgumentException">There are too many, or one is not as it must be.</exception>
    public IReadOnlyList<string> VisibleLabels
    {
        get => _labels;
        init => _labels = CheckLabels(value);
    }

    /// <summary>The plaintext's length in bytes; null in a description that was not read from a sealed document.</summary>
    public long? Length { get; }

    /// <summary>SHA-256 of the plaintext; null in a description that was not read from a sealed document.</summary>
    public Digest? PlaintextDigest { get; }

    /// <summary>The type's name; never the title.</summary>
    /// <returns><c>DocumentInfo</c>.</returns>
    public override string ToString() => nameof(DocumentInfo);

    internal static string[] CheckLabels(IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return AreLabels(labels)
            ? [.. labels]
            : throw new ArgumentException(
                $"A document has at most {MaxLabels} labels, each of 1 to {MaxLabelLength} bytes of UTF-8 without control characters, none twice.", nameof(labels));
    }

    internal static bool AreLabels(IReadOnlyList<string> labels) =>
        labels.Count <= MaxLabels && labels.All(label => label is { Length: > 0 } && IsText(label, MaxLabelLength)) && labels.Distinct(StringComparer.Ordinal).Count() == labels.Count;

    internal static bool IsText(string text, int maxLength) =>
        text.Length <= maxLength && !text.Any(char.IsControl) && IsUnicode(text) && Encoding.UTF8.GetByteCount(text) <= maxLength;

    internal static bool IsMediaType(string text) =>
        text.Length is >= 3 and <= MaxMediaTypeLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') && text.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash && slash < text.Length - 1;

    // A lone surrogate has no UTF-8 form.
    private static bool IsUnicode(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out int consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            text = text[consumed..];
        }

        return true;
    }
}
