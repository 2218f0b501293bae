using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Phr.Storage.Ipfs;

/// <summary>A multipart form with one file, written while its bytes come. js-ipfs refuses a part that does not say what type it is of.</summary>
internal sealed class UploadContent : HttpContent
{
    private readonly Func<Stream, CancellationToken, Task> _write;
    private readonly byte[] _before;
    private readonly byte[] _behind;

    public UploadContent(Func<Stream, CancellationToken, Task> write)
    {
        _write = write;
        string boundary = "phr-" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));
        _before = Encoding.ASCII.GetBytes(
            $"--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"object\"\r\nContent-Type: application/octet-stream\r\n\r\n");
        _behind = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/form-data; boundary={boundary}");
    }

    /// <summary>An upload of bytes that are there.</summary>
    public static UploadContent Of(ReadOnlyMemory<byte> bytes) => new((stream, ct) => stream.WriteAsync(bytes, ct).AsTask());

    /// <summary>An upload of bytes that are still coming.</summary>
    public static UploadContent Of(PipeReader reader) => new((stream, ct) => reader.CopyToAsync(stream, ct));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_before, cancellationToken).ConfigureAwait(false);
        await _write(stream, cancellationToken).ConfigureAwait(false);
        await stream.WriteAsync(_behind, cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
