namespace Phr.Consent;

/// <summary>Where a doctor gets sealed deliveries from before asking the content store: for example from the oracles themselves.</summary>
public interface IDeliverySource
{
    /// <summary>Fetches what can be had of a request's recorded deliveries.</summary>
    /// <param name="request">The request, with the deliveries that the ledger has.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Sealed deliveries, none, some or all, in any order. The caller takes only those whose digest the ledger names, and gets the rest from the content store.</returns>
    Task<IReadOnlyList<ReadOnlyMemory<byte>>> FetchAsync(RequestRecord request, CancellationToken cancellationToken);
}
