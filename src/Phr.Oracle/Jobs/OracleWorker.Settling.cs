using Microsoft.Extensions.Logging;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Telemetry;

namespace Phr.Oracle;

// Settlement, for a committee whose doctor could not settle because somebody had still time.
public sealed partial class OracleWorker
{
    // One of the committee is enough: the first who delivered acts at once, each next one this much later, should those before it be gone.
    private static readonly TimeSpan _settleStagger = TimeSpan.FromMinutes(1);

    // How many wait for their blocks to become final at once. Each is followed until then.
    private const int MostSettling = 1024;

    // What was handed in and has not come to its end, by request, round and use.
    private readonly Dictionary<(RequestId, int, int), Task<bool>> _settling = [];

    /// <summary>
    /// Settles what this oracle delivered and nobody has settled by the deadline: that is how its work counts, and how the absence of others does. <see cref="ProcessPendingAsync"/> does it by itself.
    /// </summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>How many requests were settled. On a chain it comes when all their blocks are final.</returns>
    public async Task<int> SettleDueAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<Task<bool>> sent = await SendSettlementsAsync(cancellationToken).ConfigureAwait(false);
        bool[] settled = await Task.WhenAll(sent).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return settled.Count(one => one);
    }

    /// <summary>The same, and does not wait for blocks to become final: it ends when each settlement that is due, and was not on its way, stands in a block or was refused.</summary>
    /// <returns>What was sent now; each tells at its end whether it settled, and throws nothing once it stands in a block.</returns>
    /// <remarks>One after the other gets into a block: the ledger takes an actor's commands in turn, and a delivery must not wait for more than one settlement.</remarks>
    internal async Task<IReadOnlyList<Task<bool>>> SendSettlementsAsync(CancellationToken cancellationToken)
    {
        var sent = new List<Task<bool>>();
        IReadOnlyList<RequestRecord> requests = await Services.Ledger
            .ListRequestsAsync(new RequestFilter { Oracle = Id, Status = RequestStatus.Granted }, cancellationToken).ConfigureAwait(false);
        foreach (RequestRecord request in requests.Where(IsSettlementDue))
        {
            var inBlock = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (TryBeginSettlement(request, inBlock, cancellationToken) is not { } settling)
            {
                continue;
            }

            sent.Add(settling);
            if (await Task.WhenAny(settling, inBlock.Task).ConfigureAwait(false) == settling)
            {
                await settling.ConfigureAwait(false);
            }
        }

        return sent;
    }

    /// <summary>Waits for the settlements that are on their way. They are given up by what cancels the calls that sent them.</summary>
    internal Task EndSettlementsAsync()
    {
        lock (_settling)
        {
            return Task.WhenAll(_settling.Values);
        }
    }

    private bool IsSettlementDue(RequestRecord request)
    {
        int index = request.FindCommitteeIndex(Id)!.Value;
        if (request.SettledAt is not null || request.Delivery(index) is null || request.DeliveryDeadline(Services.Ledger.Parameters) is not { } deadline)
        {
            return false;
        }

        int before = request.Deliveries.Count(delivery => delivery.Index < index);
        return Services.Time.GetUtcNow() > deadline + (before * _settleStagger);
    }

    // Null where it is on its way already, though the ledger does not show it before its block is final, or too many are.
    private Task<bool>? TryBeginSettlement(RequestRecord request, TaskCompletionSource inBlock, CancellationToken cancellationToken)
    {
        lock (_settling)
        {
            foreach ((RequestId, int, int) ended in _settling.Where(one => one.Value.IsCompleted).Select(one => one.Key).ToArray())
            {
                _settling.Remove(ended);
            }

            (RequestId, int, int) key = (request.Id, request.Round, request.Used);
            return _settling.Count >= MostSettling || _settling.ContainsKey(key)
                ? null
                : _settling[key] = Task.Run(() => SettleAsync(request.Id, inBlock, cancellationToken), CancellationToken.None);
        }
    }

    private async Task<bool> SettleAsync(RequestId request, TaskCompletionSource inBlock, CancellationToken cancellationToken)
    {
        try
        {
            await SubmitAsync(new SettleRequest { Actor = Id, RequestId = request }, _ => inBlock.TrySetResult(), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (LedgerRejectedException e)
        {
            // Another was faster, the request ended, or the ledger's clock is behind: then the next look does it.
            LogNotSettled(request, $"{e.Error}.");
        }
        catch (Exception e) when (inBlock.Task.IsCompleted)
        {
            // Nobody may wait for it any more. The next look finds it settled, or does it again.
            LogNotSettled(request, Fault.Describe(e));
        }

        return false;
    }

    [LoggerMessage(EventId = EventIds.NotSettled, Level = LogLevel.Information, Message = "Request {Request} was not settled: {Error}")]
    private partial void LogNotSettled(RequestId request, string error);
}
