namespace Phr.Records;

/// <summary>How a DICOM file is de-identified.</summary>
public sealed class DicomDeidentificationOptions
{
    /// <summary>The key from which new identifiers are made, at least 16 bytes: files that are given away together under one key stay one series. Whoever has it can tell which old identifier became which new one.</summary>
    public required ReadOnlyMemory<byte> UidKey { get; init; }

    /// <summary>What stands for the patient's name and id: 1 to 64 letters, digits, hyphens and underscores.</summary>
    /// <value><c>ANONYMOUS</c> unless set.</value>
    public string Pseudonym { get; init; } = "ANONYMOUS";

    internal DicomDeidentificationOptions Checked()
    {
        if (UidKey.Length < 16)
        {
            throw new ArgumentException("A key for identifiers has at least 16 bytes.", nameof(UidKey));
        }

        ArgumentException.ThrowIfNullOrEmpty(Pseudonym, nameof(Pseudonym));
        return Pseudonym.Length <= 64 && Pseudonym.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? this
            : throw new ArgumentException("A pseudonym has 1 to 64 letters, digits, hyphens and underscores.", nameof(Pseudonym));
    }
}
