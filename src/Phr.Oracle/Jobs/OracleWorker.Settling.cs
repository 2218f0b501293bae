using Microsoft.Extensions.Logging;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Oracle;

// Settlement, for a committee whose doctor could not settle because somebody had still time.
public sealed partial class OracleWorker
{
    // One of the committee is enough: the first who delivered acts at once, each next one this much later, should those before it be gone.
    private static readonly TimeSpan _settleStagger = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Settles what this oracle delivered and nobody has settled by the deadline: that is how its work counts, and how the absence of others does. <see cref="ProcessPendingAsync"/> does it by itself.
    /// </summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>How many requests were settled.</returns>
    public async Task<int> SettleDueAsync(CancellationToken cancellationToken = default)
    {
        int settled = 0;
        IReadOnlyList<RequestRecord> requests = await Services.Ledger
            .ListRequestsAsync(new RequestFilter { Oracle = Id, Status = RequestStatus.Granted }, cancellationToken).ConfigureAwait(false);
        foreach (RequestRecord request in requests)
        {
            int index = request.FindCommitteeIndex(Id)!.Value;
            if (request.SettledAt is not null || request.Delivery(index) is null || request.DeliveryDeadline(Services.Ledger.Parameters) is not { } deadline)
            {
                continue;
            }

            int before = request.Deliveries.Count(delivery => delivery.Index < index);
            if (Services.Time.GetUtcNow() <= deadline + (before * _settleStagger))
            {
                continue;
            }

            try
            {
                await SubmitAsync(new SettleRequest { Actor = Id, RequestId = request.Id }, cancellationToken).ConfigureAwait(false);
                settled++;
            }
            catch (LedgerRejectedException e)
            {
                // Another was faster, the request ended, or the ledger's clock is behind: then the next look does it.
                LogNotSettled(request.Id, e.Error);
            }
        }

        return settled;
    }

    [LoggerMessage(EventId = 1002, Level = LogLevel.Information, Message = "Request {Request} was not settled: {Error}.")]
    private partial void LogNotSettled(RequestId request, LedgerError error);
}
