using System.Diagnostics.CodeAnalysis;

namespace Phr.Records;

/// <summary>The elements of a DICOM file, or of one item of a sequence.</summary>
/// <remarks>Immutable; safe for use by several threads.</remarks>
public sealed class DicomDataset
{
    private readonly Dictionary<uint, DicomElement> _byTag;

    internal DicomDataset(IReadOnlyList<DicomElement> elements)
    {
        Elements = elements;
        _byTag = new Dictionary<uint, DicomElement>(elements.Count);
        foreach (DicomElement element in elements)
        {
            if (!_byTag.TryAdd(element.Tag.Value, element))
            {
                throw Error.DicomDuplicate(element.Tag);
            }
        }
    }

    /// <summary>The elements in the order of the file. No tag is there twice.</summary>
    public IReadOnlyList<DicomElement> Elements { get; }

    /// <summary>Looks for an element.</summary>
    /// <param name="tag">Its tag.</param>
    /// <param name="element">The element; null when there is none.</param>
    /// <returns>Whether it is there, if only empty.</returns>
    public bool TryFind(DicomTag tag, [NotNullWhen(true)] out DicomElement? element) => _byTag.TryGetValue(tag.Value, out element);

    /// <summary>The first value of an element as text.</summary>
    /// <param name="tag">The element.</param>
    /// <returns>The text without the blanks that pad it; null when the element is missing, empty or holds no text and no number.</returns>
    public string? GetString(DicomTag tag) => GetStrings(tag) is [{ Length: > 0 } first, ..] ? first : null;

    /// <summary>All values of an element as text.</summary>
    /// <param name="tag">The element.</param>
    /// <returns>The values; none when the element is missing.</returns>
    public IReadOnlyList<string> GetStrings(DicomTag tag) => TryFind(tag, out DicomElement? element) ? element.GetStrings() : [];

    /// <summary>The first value of an element as a number.</summary>
    /// <param name="tag">The element.</param>
    /// <returns>The number; null when the element is missing or empty.</returns>
    /// <exception cref="Phr.Crypto.PhrDataException">The value is no number.</exception>
    public double? GetNumber(DicomTag tag) => GetNumbers(tag) is [double first, ..] ? first : null;

    /// <summary>All values of an element as numbers.</summary>
    /// <param name="tag">The element.</param>
    /// <returns>The numbers; none when the element is missing.</returns>
    /// <exception cref="Phr.Crypto.PhrDataException">A value is no number, or the element is of a representation that holds none.</exception>
    public IReadOnlyList<double> GetNumbers(DicomTag tag)
    {
        if (!TryFind(tag, out DicomElement? element))
        {
            return [];
        }

        try
        {
            return element.GetNumbers();
        }
        catch (InvalidOperationException)
        {
            throw Error.DicomBadValue(tag, $"is of representation {element.Vr}, which holds no numbers");
        }
    }

    /// <summary>The items of a sequence.</summary>
    /// <param name="tag">The sequence.</param>
    /// <returns>The items in order; none when the sequence is missing or empty.</returns>
    public IReadOnlyList<DicomDataset> GetItems(DicomTag tag) => TryFind(tag, out DicomElement? element) ? element.Items : [];

    // A whole number in a range, or the one that stands for a missing element.
    internal int GetInt32(DicomTag tag, (int Least, int Most) range, int? otherwise = null)
    {
        double number = GetNumber(tag) ?? otherwise ?? throw Error.DicomMissing(tag);
        return number >= range.Least && number <= range.Most && number == Math.Truncate(number)
            ? (int)number
            : throw Error.DicomOutOfRange(tag, $"is not a whole number from {range.Least} to {range.Most}");
    }
}
