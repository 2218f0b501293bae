using System.Text.Json;

namespace Phr.Storage.Ipfs;

/// <summary>A successful answer whose body is being read. Every reading is bounded in length and time. Not thread safe.</summary>
internal sealed class IpfsAnswer(IpfsHttp http, IpfsEndpoint endpoint, HttpResponseMessage response, Stream body) : IDisposable
{
    private static readonly JsonDocumentOptions _shallow = new() { MaxDepth = 16 };

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    public IpfsEndpoint Endpoint { get; } = endpoint;

    /// <summary>The bytes as they come. To be read inside <see cref="GuardAsync"/>.</summary>
    public Stream Body { get; } = body;

    /// <summary>How long a block of a long answer may take: no longer than a node is left to find it. The next endpoint is asked then, which is cheap.</summary>
    public TimeSpan PieceTimeout => http.Options.LookupTimeout < http.Options.TransferTimeout ? http.Options.LookupTimeout : http.Options.TransferTimeout;

    /// <summary>Reads from the body within a time.</summary>
    public Task<T> GuardAsync<T>(TimeSpan within, Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken) =>
        http.GuardAsync(Endpoint, within, step, isBody: true, cancellationToken);

    /// <summary>Reads the whole body, which is one block.</summary>
    public async Task<byte[]> ReadBlockAsync(CancellationToken cancellationToken)
    {
        byte[] block = await GuardAsync(
            http.Options.TransferTimeout,
            async ct =>
            {
                using var bytes = new MemoryStream();
                byte[] piece = new byte[32_768];
                for (int count; (count = await Body.ReadAsync(piece, ct).ConfigureAwait(false)) > 0;)
                {
                    if (bytes.Length + count > IpfsLimits.MaxBlockLength)
                    {
                        throw IpfsHttp.Fault(Endpoint, IpfsFaultKind.TooLong, $"what it gives for a block is longer than {IpfsLimits.MaxBlockLength} bytes.");
                    }

                    bytes.Write(piece, 0, count);
                }

                return bytes.ToArray();
            },
            cancellationToken).ConfigureAwait(false);
        ThrowIfErrorBehind();
        return block;
    }

    /// <summary>Fills a buffer from the body of a long answer.</summary>
    /// <returns>How much came before the end of the body.</returns>
    public async Task<int> FillAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count = await GuardAsync(PieceTimeout, async ct => await Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        if (count < buffer.Length)
        {
            ThrowIfErrorBehind();
        }

        return count;
    }

    /// <summary>Reads the next of the JSON objects that the body consists of, each on its own line.</summary>
    /// <param name="within">How long the line may take to come.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The object, to be disposed; null at the end of the body.</returns>
    public async Task<JsonDocument?> ReadLineAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>? line = await http.GuardAsync(Endpoint, within, ReadLineAsync, isBody: true, cancellationToken).ConfigureAwait(false);
        if (line is null)
        {
            ThrowIfErrorBehind();
            return null;
        }

        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(line.Value, _shallow);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }
        }
        catch (JsonException)
        {
        }

        document?.Dispose();
        throw IpfsHttp.Fault(Endpoint, IpfsFaultKind.Malformed, "its answer is not a JSON object.");
    }

    public void Dispose() => response.Dispose();

    private void ThrowIfErrorBehind()
    {
        if (IpfsHttp.ErrorBehind(response) is { } error)
        {
            throw IpfsHttp.Refused(Endpoint, error);
        }
    }

    private async Task<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        int seen = 0;
        while (true)
        {
            int newline = _buffer.AsSpan(_start + seen, _end - _start - seen).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, seen + newline);
                _start += seen + newline + 1;
                if (!line.Span.Trim((byte)' ').Trim((byte)'\r').IsEmpty)
                {
                    return line;
                }

                seen = 0;
                continue;
            }

            seen = _end - _start;
            if (seen == IpfsLimits.MaxLineLength)
            {
                throw IpfsHttp.Fault(Endpoint, IpfsFaultKind.TooLong, $"a line of its answer is longer than {IpfsLimits.MaxLineLength} bytes.");
            }

            if (_end == _buffer.Length)
            {
                byte[] larger = new byte[Math.Clamp(seen * 2, 1024, IpfsLimits.MaxLineLength)];
                _buffer.AsSpan(_start, seen).CopyTo(larger);
                (_buffer, _start, _end) = (larger, 0, seen);
            }

            int count = await Body.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                // The last line need not end with a line break, and one object may be spread over lines when nothing follows it.
                ReadOnlyMemory<byte> rest = _buffer.AsMemory(_start, seen);
                _start = _end;
                return rest.Span.IndexOfAnyExcept((byte)' ', (byte)'\r', (byte)'\n') < 0 ? (ReadOnlyMemory<byte>?)null : rest;
            }

            _end += count;
        }
    }
}
