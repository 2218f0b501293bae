using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Writes opened documents into a folder, each under a file name made from its title. A file appears only when it is complete.</summary>
/// <remarks>Existing files are never overwritten: a number is added to the name.</remarks>
public sealed class FolderDestination : IDocumentDestination
{
    private readonly string _folder;

    /// <summary>Creates a destination; the folder is made when the first document comes.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is null or empty.</exception>
    public FolderDestination(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = folder;
    }

    /// <inheritdoc/>
    public ValueTask<DocumentTarget> CreateAsync(DocumentId document, DocumentInfo info, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(info);
        Directory.CreateDirectory(_folder);
        return ValueTask.FromResult<DocumentTarget>(new FileTarget(_folder, FileNameOf(document, info.Title)));
    }

    // A title comes from whoever sealed the document: nothing of it may leave the folder or be read as an option or a device.
    private static string FileNameOf(DocumentId document, string title)
    {
        Span<char> name = stackalloc char[Math.Min(title.Length, 100)];
        for (int i = 0; i < name.Length; i++)
        {
            name[i] = char.IsLetterOrDigit(title[i]) || title[i] is '.' or '-' or '_' or ' ' ? title[i] : '_';
        }

        string safe = name.ToString().Trim(' ', '.', '-');
        return safe.Length == 0 ? document.ToString() : safe;
    }

    private sealed class FileTarget : DocumentTarget
    {
        private readonly string _folder;
        private readonly string _temporary;
        private readonly FileStream _stream;
        private readonly string _name;
        private string? _finalPath;
        private bool _complete;

        public FileTarget(string folder, string name)
        {
            _folder = folder;
            _name = name;
            _temporary = Path.Combine(folder, $".{Guid.NewGuid():n}.part");
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            _stream = new FileStream(_temporary, options);
        }

        public override string Name => _finalPath ?? _name;

        public override Stream Stream => _stream;

        public override async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
        {
            await _stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            _stream.Flush(flushToDisk: true);
            await _stream.DisposeAsync().ConfigureAwait(false);
            string stem = Path.GetFileNameWithoutExtension(_name), extension = Path.GetExtension(_name);
            for (int number = 1; ; number++)
            {
                string path = Path.Combine(_folder, number == 1 ? _name : $"{stem}-{number}{extension}");
                try
                {
                    File.Move(_temporary, path, overwrite: false);
                    _finalPath = path;
                    _complete = true;
                    return;
                }
                catch (IOException) when (File.Exists(path) && number < 10_000)
                {
                }
            }
        }

        public override async ValueTask DisposeAsync()
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
            if (!_complete)
            {
                File.Delete(_temporary);
            }
        }
    }
}
