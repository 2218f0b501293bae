using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Pulls sealed deliveries from the oracles by HTTPS: from the leader of the committee, who assembles them, and from the next members where it fails or lacks some.</summary>
/// <remarks>
/// <c>GET {endpoint}/deliveries/{request}</c> gives a <see cref="DeliveryPack"/>. A member that is down, slow or lies, points elsewhere, or has a certificate that is not trusted, costs its time-out at most and
/// nothing else: envelopes are known by the digests on the ledger, and are sealed to the request's key. Redirects are never followed, and no cookies are kept. Thread safe.
/// </remarks>
public sealed class HttpDeliverySource : IDeliverySource, IDisposable
{
    /// <summary>The content type of a pack.</summary>
    public const string MediaType = "application/vnd.phr.deliveries+cbor";

    private readonly Lazy<HttpClient> _client;
    private readonly Dictionary<ActorId, Uri> _endpoints;

    /// <summary>Creates a source.</summary>
    /// <param name="endpoints">Where each oracle listens, as its operator says: absolute, by https, or by http on the loopback interface. Oracles that are not named are not asked.</param>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> is null.</exception>
    /// <exception cref="ArgumentException">An endpoint is not absolute, or neither https nor on the loopback interface.</exception>
    public HttpDeliverySource(IReadOnlyDictionary<ActorId, Uri> endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        foreach ((ActorId oracle, Uri endpoint) in endpoints)
        {
            if (!endpoint.IsAbsoluteUri || (endpoint.Scheme != Uri.UriSchemeHttps && !(endpoint.Scheme == Uri.UriSchemeHttp && endpoint.IsLoopback)))
            {
                throw new ArgumentException($"The endpoint of oracle {oracle} is not an absolute https address.", nameof(endpoints));
            }
        }

        _client = new Lazy<HttpClient>(Connect);
        _endpoints = new Dictionary<ActorId, Uri>(endpoints);
    }

    /// <summary>Which certificates of oracles are trusted, for parties with an authority of their own.</summary>
    /// <value>Default null: those that the system trusts. It must not be changed after the first fetch.</value>
    public X509ChainPolicy? Trust { get; init; }

    /// <summary>How long one member may take.</summary>
    /// <value>Default 5 seconds; more than zero.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ReadOnlyMemory<byte>>> FetchAsync(RequestRecord request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        HashSet<Digest> wanted = [.. request.Deliveries.Select(delivery => delivery.EnvelopeDigest)];
        var found = new List<ReadOnlyMemory<byte>>(wanted.Count);
        foreach (CommitteeMember member in request.Committee)
        {
            if (wanted.Count == 0)
            {
                break;
            }

            if (!_endpoints.TryGetValue(member.Oracle, out Uri? endpoint) || await PullAsync(endpoint, request.Id, cancellationToken).ConfigureAwait(false) is not { } pack)
            {
                continue;
            }

            found.AddRange(pack.Envelopes.Where(envelope => wanted.Remove(Digest.Of(envelope.Span))));
        }

        return found;
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private HttpClient Connect() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        SslOptions = { CertificateChainPolicy = Trust },
    })
    {
        Timeout = System.Threading.Timeout.InfiniteTimeSpan,
    };

    private async Task<DeliveryPack?> PullAsync(Uri endpoint, RequestId request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Get, new Uri(endpoint.AbsoluteUri.TrimEnd('/') + $"/deliveries/{request}"));
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaType));
            using HttpResponseMessage answer = await _client.Value.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                return null;
            }

            await using Stream body = await answer.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            using var bytes = new MemoryStream();
            byte[] piece = new byte[65_536];
            for (int count; (count = await body.ReadAsync(piece, limit.Token).ConfigureAwait(false)) > 0;)
            {
                if (bytes.Length + count > DeliveryPack.MaxLength)
                {
                    return null;
                }

                bytes.Write(piece, 0, count);
            }

            return DeliveryPack.TryFromBytes(bytes.ToArray(), out DeliveryPack? pack) ? pack : null;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // The next member, or the content store, has it too.
            return null;
        }
    }
}
