using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Oracle;

// What a doctor pulls from a member of the committee, the leader first, instead of asking the content store for each delivery.
public sealed partial class OracleWorker
{
    /// <summary>Assembles the sealed deliveries of a request that this oracle has a seat for: those that the ledger names and the exchange has.</summary>
    /// <param name="requestId">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The deliveries of the present round and use; null where this oracle has no seat, or the grant does not stand any more.</returns>
    /// <remarks>Every member can do it, so the leader is a convenience and no point of failure. Anybody may have the result: it is sealed to the request's receiving key. Thread safe.</remarks>
    public async Task<DeliveryPack?> AssembleAsync(RequestId requestId, CancellationToken cancellationToken = default)
    {
        RequestRecord? request = await Services.Ledger.GetRequestAsync(requestId, cancellationToken).ConfigureAwait(false);
        if (request?.FindCommitteeIndex(Id) is null || request.Status is not (RequestStatus.Granted or RequestStatus.Settled))
        {
            return null;
        }

        var envelopes = new List<ReadOnlyMemory<byte>>(request.Deliveries.Count);
        foreach (DeliveryRecord delivery in request.Deliveries)
        {
            try
            {
                byte[] envelope = await Services.Exchange.GetBlockAsync(delivery.EnvelopeDigest, cancellationToken).ConfigureAwait(false);
                if (envelope.Length > 0)
                {
                    // A member can record the digest of nothing, which is no reason to keep the others' deliveries back.
                    envelopes.Add(envelope);
                }
            }
            catch (Exception e) when (e is PhrDataException or IOException or IpfsUnavailableException)
            {
                // Another member, or the content store, may have what this one has not.
            }
        }

        return new DeliveryPack(envelopes);
    }
}
