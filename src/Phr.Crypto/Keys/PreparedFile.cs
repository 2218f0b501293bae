namespace Phr.Crypto.Keys;

/// <summary>A file whose bytes are on the disk beside its place; disposing removes it unless it was published.</summary>
internal sealed class PreparedFile(string path) : IDisposable
{
    private bool _isPublished;

    /// <summary>Its place.</summary>
    public string Path => path;

    /// <summary>The folder of both.</summary>
    public string Folder { get; } = System.IO.Path.GetDirectoryName(path)!;

    public string Temporary { get; } = $"{path}.{Guid.NewGuid():n}.tmp";

    /// <summary>Puts it into its place. The name is durable when the folder is flushed.</summary>
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
