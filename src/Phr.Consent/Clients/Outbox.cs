using System.Globalization;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>
/// Keeps an approval and its sealed fragments on the approver's own device until the grant is final. An approval is stored before it is
/// submitted, so that a crash in between submits the same one again and never a second.
/// </summary>
internal sealed class Outbox(ISecretStore secrets)
{
    public async Task StoreAsync(RequestId request, int round, ApprovalResult result, CancellationToken cancellationToken)
    {
        foreach (FragmentEnvelope envelope in result.Envelopes)
        {
            await secrets.PutAsync(Name(request, round, envelope.Index), envelope.Bytes, cancellationToken).ConfigureAwait(false);
        }

        // Last, so that a stored approval always has its envelopes.
        await secrets.PutAsync(Name(request, round, 0), result.Approval.Approval.ToBytes(), cancellationToken).ConfigureAwait(false);
    }

    public async Task<TrusteeApproval?> FindApprovalAsync(RequestId request, int round, CancellationToken cancellationToken)
    {
        using SecretValue? stored = await secrets.GetAsync(Name(request, round, 0), cancellationToken).ConfigureAwait(false);
        return stored is null ? null : TrusteeApproval.FromBytes(stored.Bytes);
    }

    /// <summary>Hands the envelopes to the exchange and forgets them.</summary>
    public async Task ReleaseAsync(ConsentServices services, RequestId request, int round, CancellationToken cancellationToken)
    {
        if (await FindApprovalAsync(request, round, cancellationToken).ConfigureAwait(false) is not { } approval)
        {
            return;
        }

        for (int index = 1; index <= approval.EnvelopeDigests.Count; index++)
        {
            using SecretValue? envelope = await secrets.GetAsync(Name(request, round, index), cancellationToken).ConfigureAwait(false);
            if (envelope is not null)
            {
                await services.Exchange.PutBlockAsync(envelope.Bytes.ToArray(), cancellationToken).ConfigureAwait(false);
            }
        }

        await DiscardAsync(request, round, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets the envelopes of a request that will never be served.</summary>
    public async Task DiscardAsync(RequestId request, int round, CancellationToken cancellationToken)
    {
        for (int index = TrusteePolicy.MaxCommittee; index >= 0; index--)
        {
            await secrets.DeleteAsync(Name(request, round, index), cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<IReadOnlyList<(RequestId Request, int Round)>> ListAsync(CancellationToken cancellationToken)
    {
        var found = new List<(RequestId, int)>();
        foreach (string name in await secrets.ListAsync("outbox/", cancellationToken).ConfigureAwait(false))
        {
            string[] parts = name.Split('/');
            if (parts.Length == 4 && parts[3] == "0" && RequestId.TryParse(parts[1], out RequestId request)
                && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int round))
            {
                found.Add((request, round));
            }
        }

        return found;
    }

    private static string Name(RequestId request, int round, int index) =>
        string.Create(CultureInfo.InvariantCulture, $"outbox/{request}/{round}/{index}");
}
