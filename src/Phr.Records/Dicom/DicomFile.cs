using System.Diagnostics.CodeAnalysis;
using Phr.Crypto;
using Phr.Records.Dicom;

namespace Phr.Records;

/// <summary>
/// A DICOM file: its elements and, where it has one that this library shows, its picture. Reads implicit and explicit little-endian, deflated and
/// big-endian files; of compressed pictures RLE. What it does not show is refused by name, with what to do; the elements of such a file are read all the same.
/// </summary>
/// <remarks>
/// Source: DICOM PS3.5 and PS3.10, edition 2022d. Everything read is bounded by <see cref="DicomReadOptions"/> before anything is allocated for it. Values are slices of the
/// file's bytes. Immutable; safe for use by several threads.
/// </remarks>
public sealed class DicomFile
{
    private readonly int _maxFramePixels;

    internal DicomFile(DicomTransferSyntax transferSyntax, DicomDataset fileMeta, DicomDataset dataset, int maxFramePixels)
    {
        TransferSyntax = transferSyntax;
        FileMeta = fileMeta;
        Dataset = dataset;
        _maxFramePixels = maxFramePixels;
    }

    /// <summary>How the file is written.</summary>
    public DicomTransferSyntax TransferSyntax { get; }

    /// <summary>The elements about the file itself, of group 0002.</summary>
    public DicomDataset FileMeta { get; }

    /// <summary>The elements of the object: patient, study, series, picture.</summary>
    public DicomDataset Dataset { get; }

    /// <summary>Whether there is pixel data, shown by this library or not.</summary>
    public bool HasPixels => Dataset.TryFind(DicomTag.PixelData, out _);

    internal int MaxFramePixels => _maxFramePixels;

    /// <summary>Reads a file from memory.</summary>
    /// <param name="bytes">The whole file. Not copied: it must not change while the result is in use.</param>
    /// <param name="options">Limits; the defaults when null.</param>
    /// <returns>The file.</returns>
    /// <exception cref="PhrDataException">The bytes are no DICOM file, are damaged, or exceed a limit; the stage is <c>DICOM file</c>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static DicomFile FromBytes(ReadOnlyMemory<byte> bytes, DicomReadOptions? options = null)
    {
        options = (options ?? DicomReadOptions.Default).Checked();
        return bytes.Length > options.MaxLength
            ? throw Error.DicomTooLarge($"the file is longer than the {options.MaxLength} bytes that are taken")
            : DicomParser.Read(new ByteSource(bytes), options);
    }

    /// <summary>Reads a file from memory, if it is one.</summary>
    /// <param name="bytes">The whole file. Not copied: it must not change while the result is in use.</param>
    /// <param name="options">Limits; the defaults when null.</param>
    /// <param name="file">The file; null when it was refused.</param>
    /// <returns>Whether the bytes are a DICOM file within the limits.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, DicomReadOptions? options, [NotNullWhen(true)] out DicomFile? file)
    {
        try
        {
            file = FromBytes(bytes, options);
            return true;
        }
        catch (PhrDataException)
        {
            file = null;
            return false;
        }
    }

    /// <summary>Reads a file from a stream, which is left open.</summary>
    /// <param name="stream">The file, from where the stream stands. With <see cref="DicomExtent.BeforePixels"/> it is read little further than needed.</param>
    /// <param name="options">Limits; the defaults when null.</param>
    /// <returns>The file, wholly in memory.</returns>
    /// <exception cref="PhrDataException">The bytes are no DICOM file, are damaged, or exceed a limit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static DicomFile Read(Stream stream, DicomReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options = (options ?? DicomReadOptions.Default).Checked();
        long expected = stream.CanSeek && options.Extent == DicomExtent.Everything ? stream.Length - stream.Position : 0;
        return expected > options.MaxLength
            ? throw Error.DicomTooLarge($"the file is longer than the {options.MaxLength} bytes that are taken")
            : DicomParser.Read(new ByteSource(stream, options.MaxLength, (int)expected), options);
    }

    /// <summary>Writes the file anew: explicit little-endian with sequences of undefined length, without what its writer put before the data; a compressed picture stays compressed.</summary>
    /// <returns>The bytes of a file that says the same. The same file gives the same bytes.</returns>
    public byte[] ToBytes() => DicomWriter.Write(TransferSyntax, Dataset);

    /// <summary>The file's picture.</summary>
    /// <returns>The picture, with its frames not yet decoded.</returns>
    /// <exception cref="PhrDataException">There is no picture, it does not agree with the elements that describe it, or it is compressed in a way that this library does not read: the message says which, and with which program to convert it.</exception>
    public DicomImage GetImage() => DicomImage.Create(this);

    /// <summary>The file's picture, if this library shows it.</summary>
    /// <param name="image">The picture; null when there is none to show.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGetImage([NotNullWhen(true)] out DicomImage? image)
    {
        try
        {
            image = GetImage();
            return true;
        }
        catch (PhrDataException)
        {
            image = null;
            return false;
        }
    }

    /// <summary>The name of the transfer syntax, never anything of the patient.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => $"DICOM file, {TransferSyntax}";
}
