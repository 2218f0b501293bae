namespace Phr.Crypto.Keys;

/// <summary>A file whose bytes are on the disk beside its place; disposing removes it unless it was published.</summary>
/// <param name="path">Its place.</param>
/// <param name="changed">The highest folder that has something new: the file's own, or the one above the first folder that was made for it.</param>
internal sealed class PreparedFile(string path, string changed) : IDisposable
{
    private bool _isPublished;

    /// <summary>Its place.</summary>
    public string Path => path;

    /// <summary>The folders to be flushed when it is published, so that its name is durable, and those of the folders that were made for it.</summary>
    public IEnumerable<string> Folders => PrivateFile.FoldersBetween(path, changed);

    public string Temporary { get; } = $"{path}.{Guid.NewGuid():n}.tmp";

    /// <summary>Puts it into its place. The name is durable when <see cref="Folders"/> are flushed.</summary>
    /// <exception cref="IOException">There is a file and it may not be replaced.</exception>
    public void Publish(bool replace)
    {
        File.Move(Temporary, path, overwrite: replace);
        _isPublished = true;
    }

    public void Dispose()
    {
        if (!_isPublished)
        {
            File.Delete(Temporary);
        }
    }
}
