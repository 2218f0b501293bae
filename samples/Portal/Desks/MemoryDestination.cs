namespace Phr.Samples.Portal;

/// <summary>Takes opened documents into memory, and no further. The bytes are wiped when it is disposed.</summary>
public sealed class MemoryDestination(long maxBytes) : IDocumentDestination, IDisposable
{
    private readonly List<MemoryFile> _files = [];

    /// <summary>What was opened.</summary>
    public IReadOnlyList<MemoryFile> Files => _files;

    public ValueTask<DocumentTarget> CreateAsync(DocumentId document, DocumentInfo info, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<DocumentTarget>(new Target(this, document, info));

    public void Dispose()
    {
        foreach (MemoryFile file in _files)
        {
            file.Wipe();
        }

        _files.Clear();
    }

    private sealed class Target(MemoryDestination owner, DocumentId document, DocumentInfo info) : DocumentTarget
    {
        private readonly WipingStream _stream = new(owner.Left);
        private bool _complete;

        public override string Name => info.Title;

        public override Stream Stream => _stream;

        public override ValueTask CompleteAsync(CancellationToken cancellationToken = default)
        {
            owner._files.Add(new MemoryFile(document, info, _stream.Take()));
            _complete = true;
            return ValueTask.CompletedTask;
        }

        public override ValueTask DisposeAsync()
        {
            if (!_complete)
            {
                _stream.Wipe();
            }

            return ValueTask.CompletedTask;
        }
    }

    private long Left => maxBytes - _files.Sum(file => (long)file.Length);
}
