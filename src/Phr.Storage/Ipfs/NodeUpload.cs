using System.IO.Pipelines;
using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>One node's part of an object that is being written: a pipe into an <c>add</c> that is under way. Not thread safe.</summary>
internal sealed class NodeUpload : IAsyncDisposable
{
    private const int PieceLength = 65_536;
    private const int MaxWaiting = 1 << 20;

    private readonly IpfsHttp _http;
    private readonly IpfsEndpoint _endpoint;
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: MaxWaiting, resumeWriterThreshold: MaxWaiting / 2, minimumSegmentSize: PieceLength, useSynchronizationContext: false));
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<Cid> _add;

    public NodeUpload(IpfsHttp http, IpfsRpc rpc, IpfsEndpoint endpoint)
    {
        _http = http;
        _endpoint = endpoint;

        // The request lasts as long as its source gives bytes, so nothing but the writer bounds it in time.
        _add = AddAsync(rpc);
    }

    public IpfsEndpoint Endpoint => _endpoint;

    /// <summary>Hands bytes on, and waits while the node is behind.</summary>
    /// <exception cref="IpfsFaultException">The node takes no more.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            ReadOnlyMemory<byte> piece = bytes[..Math.Min(PieceLength, bytes.Length)];
            bytes = bytes[piece.Length..];
            FlushResult flushed = await _http.GuardAsync(
                _endpoint, _http.Options.TransferTimeout, async ct => await _pipe.Writer.WriteAsync(piece, ct).ConfigureAwait(false), isBody: false, cancellationToken).ConfigureAwait(false);
            if (flushed.IsCompleted)
            {
                await _add.WaitAsync(cancellationToken).ConfigureAwait(false);
                throw IpfsHttp.Fault(_endpoint, IpfsFaultKind.Malformed, "it answers before it was given the whole object.");
            }
        }
    }

    /// <summary>Ends the object.</summary>
    /// <exception cref="IpfsFaultException">The node did not take it, or made another object of it.</exception>
    public async Task CompleteAsync(Cid cid, CancellationToken cancellationToken)
    {
        await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
        Cid made = await _http.GuardAsync(_endpoint, _http.Options.WorkTimeout, ct => _add.WaitAsync(ct), isBody: false, cancellationToken).ConfigureAwait(false);
        if (made != cid)
        {
            throw IpfsHttp.Fault(_endpoint, IpfsFaultKind.WrongDag, $"it made {made} of what is {cid}. Its settings for imports, or its bytes, are others.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await ((Task)_add).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task<Cid> AddAsync(IpfsRpc rpc)
    {
        try
        {
            return await rpc.AddAsync(_endpoint, UploadContent.Of(_pipe.Reader), TimeSpan.FromDays(1), _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            // Wakes the writer, which may wait for room.
            await _pipe.Reader.CompleteAsync().ConfigureAwait(false);
        }
    }
}
