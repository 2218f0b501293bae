using System.Security.Cryptography;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Keeps a member's shares by the charter to which they belong, and forgets those of charters that no longer hold.</summary>
internal sealed class TeamShareStore(ISecretStore secrets)
{
    public async Task StoreAsync(TeamShares shares, CancellationToken cancellationToken)
    {
        byte[] bytes = GC.AllocateArray<byte>(shares.ExportedLength, pinned: true);
        try
        {
            shares.ExportTo(bytes);
            await secrets.PutAsync(Name(shares.Team, shares.CoreDigest), bytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public async Task<TeamShares?> FindAsync(TeamCharter charter, CancellationToken cancellationToken)
    {
        using SecretValue? stored = await secrets.GetAsync(Name(charter.Team, charter.CoreDigest), cancellationToken).ConfigureAwait(false);
        return stored is null ? null : TeamShares.FromBytes(stored.Bytes);
    }

    public async Task KeepOnlyAsync(ActorId team, IReadOnlyCollection<Digest> coreDigests, CancellationToken cancellationToken)
    {
        string[] kept = [.. coreDigests.Select(core => Name(team, core))];
        foreach (string name in await secrets.ListAsync($"team/{team}/", cancellationToken).ConfigureAwait(false))
        {
            if (!kept.Contains(name, StringComparer.Ordinal))
            {
                await secrets.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static string Name(ActorId team, Digest coreDigest) => $"team/{team}/{coreDigest}";
}
