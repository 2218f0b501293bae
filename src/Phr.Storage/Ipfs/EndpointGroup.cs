using Phr.Crypto;
using Polly;
using Polly.Hedging;

namespace Phr.Storage.Ipfs;

/// <summary>Several endpoints that are asked as one: the preferred one first, the next when it is slow or fails, and the first good answer counts. Thread safe.</summary>
internal sealed class EndpointGroup
{
    private static readonly ResiliencePropertyKey<Race> _race = new("race");

    private readonly IpfsContentStoreOptions _options;
    private readonly ResiliencePipeline<object> _hedge;

    public EndpointGroup(IReadOnlyList<IpfsEndpoint> endpoints, IpfsContentStoreOptions options)
    {
        Endpoints = endpoints;
        _options = options;
        _hedge = endpoints.Count < 2 ? ResiliencePipeline<object>.Empty : new ResiliencePipelineBuilder<object> { TimeProvider = options.TimeProvider }
            .AddHedging(new HedgingStrategyOptions<object>
            {
                MaxHedgedAttempts = endpoints.Count - 1,
                Delay = options.HedgeDelay,
                ShouldHandle = a => ValueTask.FromResult(a.Outcome.Exception is IpfsFaultException),
                ActionGenerator = a =>
                {
                    Race race = a.ActionContext.Properties.GetValue(_race, null!);
                    return () => race.NextAsync(a.ActionContext.CancellationToken);
                },
            })
            .Build();
    }

    public IReadOnlyList<IpfsEndpoint> Endpoints { get; }

    /// <summary>The endpoints in the order in which they are asked: those that work, then those that failed or lied of late; each group as the options have it.</summary>
    public IpfsEndpoint[] Ordered() => [.. Endpoints.OrderBy(e => e.IsGood ? 0 : 1)];

    /// <summary>Asks until one endpoint gives a good answer.</summary>
    /// <param name="ask">The question.</param>
    /// <param name="cancellationToken">Cancels the asking.</param>
    /// <param name="last">Who is asked after all others; null for nobody.</param>
    /// <returns>The answer and whose it is.</returns>
    /// <exception cref="AllFailedException">None gave one.</exception>
    public async Task<(T Answer, IpfsEndpoint Endpoint)> AskAsync<T>(Func<IpfsEndpoint, CancellationToken, Task<T>> ask, CancellationToken cancellationToken, Func<IpfsEndpoint, bool>? last = null)
    {
        IpfsEndpoint[] order = last is null ? Ordered() : [.. Ordered().OrderBy(e => last(e) ? 1 : 0)];
        var race = new Race(this, order, async (endpoint, ct) => new Answered<T>(await ask(endpoint, ct).ConfigureAwait(false), endpoint));
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellationToken);
        context.Properties.Set(_race, race);
        Outcome<object> outcome;
        try
        {
            outcome = await _hedge.ExecuteOutcomeAsync(static (c, r) => r.NextAsync(c.CancellationToken), context, race).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }

        if (outcome.Exception is null)
        {
            var answered = (Answered<T>)outcome.Result!;
            return (answered.Value, answered.Endpoint);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (outcome.Exception is IpfsFaultException)
        {
            throw new AllFailedException(race.Faults);
        }

        outcome.ThrowIfException();
        throw new InvalidOperationException("An outcome without result and exception.");
    }

    /// <summary>Takes note of a bad answer: tells whoever listens, and asks the endpoint last for a while.</summary>
    /// <remarks>That an endpoint does not have something is no fault of it.</remarks>
    public void Note(IpfsEndpoint endpoint, IpfsFault fault)
    {
        if (fault.Kind != IpfsFaultKind.NotFound)
        {
            endpoint.Avoid(fault.IsFalse ? _options.Distrust : _options.CoolDown);
        }

        _options.Faults?.Report(fault);
    }

    private sealed record Answered<T>(T Value, IpfsEndpoint Endpoint);

    private sealed class Race(EndpointGroup group, IpfsEndpoint[] order, Func<IpfsEndpoint, CancellationToken, Task<object>> ask)
    {
        private readonly List<IpfsFault> _faults = [];
        private int _next = -1;

        public IReadOnlyList<IpfsFault> Faults
        {
            get
            {
                lock (_faults)
                {
                    return [.. _faults];
                }
            }
        }

        public async ValueTask<Outcome<object>> NextAsync(CancellationToken cancellationToken)
        {
            IpfsEndpoint endpoint = order[Interlocked.Increment(ref _next) % order.Length];
            try
            {
                object answer = await ask(endpoint, cancellationToken).ConfigureAwait(false);
                return Outcome.FromResult(answer);
            }
            catch (IpfsFaultException e)
            {
                lock (_faults)
                {
                    _faults.Add(e.Fault);
                }

                group.Note(endpoint, e.Fault);
                return Outcome.FromException<object>(e);
            }
            catch (Exception e)
            {
                return Outcome.FromException<object>(e);
            }
        }
    }
}
