using System.Globalization;

namespace Phr.Samples.Portal;

/// <summary>Sealed parts of unfinished uploads, as files in the portal's folder. What is written here is sealed before.</summary>
public sealed class PartFolder(PortalOptions options)
{
    private const string Extension = ".part";

    /// <summary>Which parts are here, in order.</summary>
    public IReadOnlyList<int> List(UnfinishedUpload upload)
    {
        ArgumentNullException.ThrowIfNull(upload);
        var folder = new DirectoryInfo(FolderOf(upload.PatientId, upload.Once));
        return !folder.Exists ? [] : [.. folder.EnumerateFiles("*" + Extension)
            .Select(file => int.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture, out int part) ? part : -1)
            .Where(part => part >= 0 && part < upload.Parts).Order()];
    }

    /// <summary>Whether a part is here.</summary>
    public bool Has(UnfinishedUpload upload, int part) => File.Exists(FileOf(upload, part));

    /// <summary>Writes a sealed part: when the task ends, it is on the disk in full; when it fails, it is not there.</summary>
    public async Task WriteAsync(UnfinishedUpload upload, int part, ReadOnlyMemory<byte> sealedPart, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upload);
        Directory.CreateDirectory(FolderOf(upload.PatientId, upload.Once));
        string place = FileOf(upload, part), beside = $"{place}.{Guid.NewGuid():n}";
        try
        {
            await using (var file = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous))
            {
                await file.WriteAsync(sealedPart, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(beside, place, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>Reads a sealed part.</summary>
    public Task<byte[]> ReadAsync(UnfinishedUpload upload, int part, CancellationToken cancellationToken) => File.ReadAllBytesAsync(FileOf(upload, part), cancellationToken);

    /// <summary>Removes a part that does not open.</summary>
    public void Remove(UnfinishedUpload upload, int part) => File.Delete(FileOf(upload, part));

    /// <summary>Removes all parts of an upload.</summary>
    public void Remove(UnfinishedUpload upload)
    {
        ArgumentNullException.ThrowIfNull(upload);
        RemoveFolder(FolderOf(upload.PatientId, upload.Once));
    }

    /// <summary>Whose parts lie here: each patient's number with the upload's.</summary>
    public IReadOnlyList<(int Patient, string Once)> ListAll()
    {
        var root = new DirectoryInfo(options.PathOf("uploads"));
        return !root.Exists ? [] :
        [
            .. root.EnumerateDirectories().SelectMany(person => int.TryParse(person.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int patient)
                ? person.EnumerateDirectories().Select(upload => (patient, upload.Name))
                : []),
        ];
    }

    /// <summary>Removes all parts of an upload that has no row.</summary>
    public void Remove(int patient, string once) => RemoveFolder(FolderOf(patient, once));

    private static void RemoveFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string FolderOf(int patient, string once) => options.PathOf("uploads", patient.ToString(CultureInfo.InvariantCulture), once);

    private string FileOf(UnfinishedUpload upload, int part)
    {
        ArgumentNullException.ThrowIfNull(upload);
        return Path.Combine(FolderOf(upload.PatientId, upload.Once), part.ToString("000000", CultureInfo.InvariantCulture) + Extension);
    }
}
