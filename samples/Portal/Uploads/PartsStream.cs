namespace Phr.Samples.Portal;

/// <summary>The parts of an upload opened one after another, in memory: the file as it was chosen.</summary>
internal sealed class PartsStream(UnfinishedUpload upload, UploadSeal seal, PartFolder folder) : ReadOnceStream
{
    private EnvelopeContent? _content;
    private int _part;
    private int _position;

    /// <summary>The part that was being opened.</summary>
    public int Part => _part;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        if (_content is not null && _position == _content.Length)
        {
            _content.Dispose();
            _content = null;
            _part++;
        }

        if (_content is null)
        {
            if (_part == upload.Parts)
            {
                return 0;
            }

            _content = seal.Open(_part, await folder.ReadAsync(upload, _part, cancellationToken));
            _position = 0;
            if (_content.Length != upload.LengthOf(_part))
            {
                throw new PhrDataException("upload part", PhrDataReason.WrongLength, "it is of another length.");
            }
        }

        int count = Math.Min(buffer.Length, _content.Length - _position);
        _content.Bytes.Slice(_position, count).CopyTo(buffer.Span);
        _position += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content?.Dispose();
        }

        base.Dispose(disposing);
    }
}
