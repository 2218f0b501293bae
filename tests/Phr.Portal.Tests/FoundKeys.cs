using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Portal.Tests;

/// <summary>Every key that lies on a portal's disk with its passphrase, or as it is: of the embedded oracles and their operators, and what those keys open in turn.</summary>
internal sealed class FoundKeys : IDisposable
{
    private const int LongestPassphrase = 1024;
    private const int LongestKeyFile = 512;

    private readonly List<IDisposable> _owned = [];
    private readonly ConsentServices _services;

    private FoundKeys(ConsentServices services) => _services = services;

    /// <summary>Identities whose key files open with a passphrase that lies somewhere in the folder, and where.</summary>
    public List<(string File, IdentityKeys Keys)> Identities { get; } = [];

    /// <summary>Secret keys: of those identities, in the secrets that those open, and bytes that lie about.</summary>
    public List<SecretKey> Secrets { get; } = [];

    /// <summary>Tries every short text in the folder as a passphrase on every key file, and takes every key that is there as it is.</summary>
    public static async Task<FoundKeys> SearchAsync(PortalHost thief)
    {
        var found = new FoundKeys(thief.Services.GetRequiredService<PhrServices>().Services);
        string[] files = [.. Directory.EnumerateFiles(thief.Folder, "*", SearchOption.AllDirectories)];
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            byte[] content = await SecretSearch.ReadAsync(file);
            if (content.Length is >= 12 and <= LongestPassphrase && content.All(b => b is >= 0x20 and < 0x7F or (byte)'\n' or (byte)'\r'))
            {
                texts.Add(Encoding.ASCII.GetString(content).Trim());
            }

            // A key as it is stands at the end of its file: the ledger's own, with which it signs its blocks.
            if (content.Length is >= SecretKey.Length and <= LongestKeyFile && SecretKey.TryFromBytes(content.AsSpan(content.Length - SecretKey.Length), out SecretKey? key))
            {
                found.Secrets.Add(found.Own(key));
            }
        }

        foreach (string file in files.Where(f => f.EndsWith(".key", StringComparison.Ordinal)))
        {
            foreach (string text in texts)
            {
                Assert.Null(await KeyFile.TryLoadPatientAsync(file, text.AsMemory()));
                if (await KeyFile.TryLoadIdentityAsync(file, text.AsMemory()) is { } keys)
                {
                    await found.TakeAsync(Path.GetRelativePath(thief.Folder, file), keys, Path.Combine(Path.GetDirectoryName(file)!, "secrets"));
                }
            }
        }

        return found;
    }

    /// <summary>What these keys are on the ledger, where what they sign counts: oracles and operators, and nobody who asks, decides or has records.</summary>
    public async Task RequireOraclesAndOperatorsAloneAsync(int oracles)
    {
        var roles = new List<ActorRoles>();
        foreach ((string file, IdentityKeys keys) in Identities)
        {
            ActorRecord actor = (await _services.Ledger.GetActorAsync(keys.Id))!;
            Assert.True(actor.Roles is ActorRoles.Oracle or ActorRoles.Operator, $"{file}: {actor.Roles}");
            Assert.Equal(ActorId.FromPublicKey(keys.LedgerKey.PublicKey), actor.LedgerAddress);
            roles.Add(actor.Roles);
        }

        Assert.Equal((oracles, oracles), (roles.Count(r => r == ActorRoles.Oracle), roles.Count(r => r == ActorRoles.Operator)));
    }

    /// <summary>Tries everything on every upload: the capsules of its documents and the shares of its dealings.</summary>
    public async Task RequireNoUploadOpensAsync(IReadOnlyList<SealedBundle> bundles)
    {
        foreach (SealedBundle bundle in bundles)
        {
            var header = BundleHeader.FromBytes(await _services.Exchange.GetBlockAsync(Digest.Parse(bundle.HeaderDigest)));
            foreach (BundleDocument document in header.Documents)
            {
                foreach (SecretKey key in Secrets)
                {
                    Assert.ThrowsAny<Exception>(() => header.OpenDocumentKey(document.Id, key).Dispose());
                    using CapsuleKey guess = Umbral.Decapsulate(key, document.Capsule);
                    Assert.ThrowsAny<PhrDataException>(() => header.UnwrapKey(document.Id, guess).Dispose());
                }
            }
        }
    }

    /// <summary>
    /// Does with every request what oracles and doctors do, with these keys alone: reads what was asked, opens shares, fragments and deliveries. What opens are fragments that were sealed to these oracles, of which they make
    /// deliveries; and those open with none of these keys.
    /// </summary>
    /// <returns>For each request of which fragments opened, what the oracles make of them.</returns>
    public async Task<Dictionary<RequestId, (RequestDossier Dossier, IReadOnlyList<VerifiedApproval> Approvals, List<OracleDelivery> Deliveries)>> RequireNoRequestOpensAsync()
    {
        var made = new Dictionary<RequestId, (RequestDossier, IReadOnlyList<VerifiedApproval>, List<OracleDelivery>)>();
        foreach (RequestRecord request in await _services.Ledger.ListRequestsAsync(new RequestFilter()))
        {
            RequestDossier dossier = await RequestDossier.LoadAsync(_services, request.Id);
            (IReadOnlyList<VerifiedApproval> approvals, _) = await dossier.LoadApprovalsAsync(_services);
            foreach ((_, IdentityKeys keys) in Identities)
            {
                using var none = new InMemorySecretStore();
                await Assert.ThrowsAnyAsync<Exception>(() => new TrusteeClient(_services, keys, none).ReviewAsync(request.Id));
            }

            foreach (SecretKey key in Secrets)
            {
                Assert.Throws<ArgumentException>(() => new DocumentKeyCombiner(dossier.Terms, dossier.Dealing, key));
                foreach (DeliveryRecord delivery in request.Deliveries)
                {
                    byte[] envelope = await _services.Exchange.GetBlockAsync(delivery.EnvelopeDigest);
                    Assert.ThrowsAny<Exception>(() => OracleDelivery.Open(dossier.Terms, delivery.Index, key, envelope));
                }
            }

            List<OracleDelivery> deliveries = await DeliverAsync(dossier, approvals);
            if (deliveries.Count > 0)
            {
                made[request.Id] = (dossier, approvals, deliveries);
            }
        }

        return made;
    }

    public void Dispose() => _owned.ForEach(part => part.Dispose());

    private async Task<List<OracleDelivery>> DeliverAsync(RequestDossier dossier, IReadOnlyList<VerifiedApproval> approvals)
    {
        var deliveries = new List<OracleDelivery>();
        foreach ((int seat, CommitteeSeat oracle) in dossier.Terms.Committee.Seats.Index())
        {
            IdentityKeys? keys = Identities.FirstOrDefault(one => one.Keys.Id == oracle.Oracle).Keys;
            SecretKey? envelopeKey = Secrets.Find(key => key.PublicKey == oracle.EnvelopeKey);
            var fragments = new List<OpenedFragments>();
            foreach (VerifiedApproval approval in keys is null || envelopeKey is null ? [] : approvals)
            {
                try
                {
                    byte[] envelope = await _services.Exchange.GetBlockAsync(approval.Approval.EnvelopeDigests[seat]);
                    fragments.Add(approval.OpenFragments(seat + 1, envelopeKey!, envelope));
                }
                catch (PhrDataException)
                {
                    // It was never released.
                }
            }

            if (fragments.Count > 0)
            {
                deliveries.Add(OracleDelivery.Create(fragments, keys!));
            }

            fragments.ForEach(one => one.Dispose());
        }

        return deliveries;
    }

    private async Task TakeAsync(string file, IdentityKeys keys, string secrets)
    {
        Identities.Add((file, Own(keys)));
        Secrets.AddRange([keys.EnvelopeKey, keys.LedgerKey, keys.ReceivingKey]);
        if (!Directory.Exists(secrets))
        {
            return;
        }

        using var store = new FileSecretStore(secrets, keys);
        foreach (string name in await ListAsync(store))
        {
            try
            {
                using SecretValue? value = await store.GetAsync(name);
                if (value is not null && value.Bytes.Length == SecretKey.Length && SecretKey.TryFromBytes(value.Bytes, out SecretKey? key))
                {
                    Secrets.Add(Own(key));
                }
            }
            catch (PhrDataException)
            {
                // It is the other one's.
            }
        }
    }

    // The operator's keys do not open the oracle's secrets.
    private static async Task<IReadOnlyList<string>> ListAsync(FileSecretStore store)
    {
        try
        {
            return await store.ListAsync("");
        }
        catch (PhrDataException)
        {
            return [];
        }
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }
}
