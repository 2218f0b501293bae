using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Puts sealed documents where anyone may hold them and headers where only the parties reach.</summary>
internal sealed class SplitSink(IContentSink documents, IContentSink headers) : IContentSink
{
    public ValueTask<ContentWriter> CreateAsync(CancellationToken cancellationToken = default) => documents.CreateAsync(cancellationToken);

    public ValueTask<Cid> PutBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default) =>
        headers.PutBlockAsync(block, cancellationToken);
}
