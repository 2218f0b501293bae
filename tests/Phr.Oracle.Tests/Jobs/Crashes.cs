using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>The process ends here.</summary>
internal sealed class CrashException : Exception;

/// <summary>Counts the steps that leave a trace, and ends the process before or after the chosen one.</summary>
internal sealed class CrashPoint(int step, bool after)
{
    private int _steps;

    public int Steps => _steps;

    public async Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        bool here = ++_steps == step;
        if (here && !after)
        {
            throw new CrashException();
        }

        T result = await work();
        return here ? throw new CrashException() : result;
    }
}

internal sealed class CrashingSecrets(ISecretStore inner, CrashPoint crash) : ISecretStore
{
    public Task PutAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default) => crash.RunAsync(async () =>
    {
        await inner.PutAsync(name, secret, cancellationToken);
        return true;
    });

    public Task<bool> TryAddAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default) => crash.RunAsync(() => inner.TryAddAsync(name, secret, cancellationToken));

    public Task<SecretValue?> GetAsync(string name, CancellationToken cancellationToken = default) => inner.GetAsync(name, cancellationToken);

    public Task<bool> DeleteAsync(string name, CancellationToken cancellationToken = default) => crash.RunAsync(() => inner.DeleteAsync(name, cancellationToken));

    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken = default) => inner.ListAsync(prefix, cancellationToken);
}

internal class CrashingStore(IContentStore inner, CrashPoint crash) : IContentStore
{
    public ValueTask<ContentWriter> CreateAsync(CancellationToken cancellationToken = default) => inner.CreateAsync(cancellationToken);

    public virtual async ValueTask<Cid> PutBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default) =>
        await crash.RunAsync(async () => await inner.PutBlockAsync(block, cancellationToken));

    public virtual ValueTask<Stream> OpenAsync(Cid cid, long offset = 0, long? length = null, CancellationToken cancellationToken = default) => inner.OpenAsync(cid, offset, length, cancellationToken);

    public Task<Cid> PutAsync(Stream content, IProgress<long>? progress = null, CancellationToken cancellationToken = default) => inner.PutAsync(content, progress, cancellationToken);

    public Task<bool> ExistsAsync(Cid cid, CancellationToken cancellationToken = default) => inner.ExistsAsync(cid, cancellationToken);

    public Task<long> GetLengthAsync(Cid cid, CancellationToken cancellationToken = default) => inner.GetLengthAsync(cid, cancellationToken);

    public Task VerifyAsync(Cid cid, IProgress<long>? progress = null, CancellationToken cancellationToken = default) => inner.VerifyAsync(cid, progress, cancellationToken);

    public Task PinAsync(Cid cid, CancellationToken cancellationToken = default) => inner.PinAsync(cid, cancellationToken);

    public Task UnpinAsync(Cid cid, CancellationToken cancellationToken = default) => inner.UnpinAsync(cid, cancellationToken);

    public Task<bool> IsPinnedAsync(Cid cid, CancellationToken cancellationToken = default) => inner.IsPinnedAsync(cid, cancellationToken);

    public IAsyncEnumerable<Cid> ListPinsAsync(CancellationToken cancellationToken = default) => inner.ListPinsAsync(cancellationToken);

    public Task<CollectReport> CollectAsync(CancellationToken cancellationToken = default) => inner.CollectAsync(cancellationToken);
}

internal class CrashingLedger(IConsentLedger inner, CrashPoint crash) : IConsentLedger
{
    public LedgerId Id => inner.Id;

    public LedgerParameters Parameters => inner.Parameters;

    public virtual Task<LedgerReceipt> SubmitAsync(SignedCommand command, CancellationToken cancellationToken = default) => crash.RunAsync(() => inner.SubmitAsync(command, cancellationToken));

    public virtual Task<LedgerHead> GetHeadAsync(CancellationToken cancellationToken = default) => inner.GetHeadAsync(cancellationToken);

    public Task<ulong> GetNonceAsync(ActorId actor, CancellationToken cancellationToken = default) => inner.GetNonceAsync(actor, cancellationToken);

    public virtual Task<ActorRecord?> GetActorAsync(ActorId actor, CancellationToken cancellationToken = default) => inner.GetActorAsync(actor, cancellationToken);

    public Task<BundleRecord?> GetBundleAsync(BundleId bundle, CancellationToken cancellationToken = default) => inner.GetBundleAsync(bundle, cancellationToken);

    public Task<DealingRecord?> GetDealingAsync(BundleId bundle, Digest dealingDigest, CancellationToken cancellationToken = default) => inner.GetDealingAsync(bundle, dealingDigest, cancellationToken);

    public virtual Task<ReshareRecord?> GetReshareAsync(BundleId bundle, Digest planDigest, CancellationToken cancellationToken = default) => inner.GetReshareAsync(bundle, planDigest, cancellationToken);

    public virtual Task<RequestRecord?> GetRequestAsync(RequestId request, CancellationToken cancellationToken = default) => inner.GetRequestAsync(request, cancellationToken);

    public Task<IReadOnlyList<DisputeRecord>> ListDisputesAsync(ActorId oracle, CancellationToken cancellationToken = default) => inner.ListDisputesAsync(oracle, cancellationToken);

    public Task<ClaimRecord?> GetClaimAsync(Digest claim, CancellationToken cancellationToken = default) => inner.GetClaimAsync(claim, cancellationToken);

    public Task<IReadOnlyList<ClaimRecord>> ListClaimsAsync(ClaimFilter filter, CancellationToken cancellationToken = default) => inner.ListClaimsAsync(filter, cancellationToken);

    public Task<ulong> GetReviewThresholdAsync(ActorId insurer, string currency, CancellationToken cancellationToken = default) => inner.GetReviewThresholdAsync(insurer, currency, cancellationToken);

    public virtual Task<IReadOnlyList<RequestRecord>> ListRequestsAsync(RequestFilter filter, CancellationToken cancellationToken = default) => inner.ListRequestsAsync(filter, cancellationToken);

    public Task<IReadOnlyList<OracleRecord>> ListOraclesAsync(CancellationToken cancellationToken = default) => inner.ListOraclesAsync(cancellationToken);

    public Task<EnvelopeKeyRecord?> GetEnvelopeKeyAsync(ActorId trustee, BundleId bundle, int epoch, CancellationToken cancellationToken = default) => inner.GetEnvelopeKeyAsync(trustee, bundle, epoch, cancellationToken);

    public virtual Task<TeamRecord?> GetTeamAsync(ActorId team, CancellationToken cancellationToken = default) => inner.GetTeamAsync(team, cancellationToken);

    public virtual Task<RegistrySnapshot?> GetSnapshotAsync(int? number = null, CancellationToken cancellationToken = default) => inner.GetSnapshotAsync(number, cancellationToken);

    public Task<RecoveryRecord?> GetRecoveryAsync(ActorId patient, CancellationToken cancellationToken = default) => inner.GetRecoveryAsync(patient, cancellationToken);

    public IAsyncEnumerable<LedgerEntry> ReadAsync(ulong afterNumber, CancellationToken cancellationToken = default) => inner.ReadAsync(afterNumber, cancellationToken);

    public IAsyncEnumerable<LedgerEntry> FollowAsync(ulong afterNumber, CancellationToken cancellationToken = default) => inner.FollowAsync(afterNumber, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A ledger whose operator shows every request as it likes.</summary>
internal sealed class LyingLedger(IConsentLedger inner, Func<RequestRecord, RequestRecord> lie) : CrashingLedger(inner, new CrashPoint(0, false))
{
    public override async Task<RequestRecord?> GetRequestAsync(RequestId request, CancellationToken cancellationToken = default) =>
        await base.GetRequestAsync(request, cancellationToken) is { } record ? lie(record) : null;

    public Func<TeamRecord, TeamRecord>? Team { get; init; }

    public Func<RegistrySnapshot, RegistrySnapshot>? Snapshot { get; init; }

    public override async Task<RegistrySnapshot?> GetSnapshotAsync(int? number = null, CancellationToken cancellationToken = default) =>
        await base.GetSnapshotAsync(number, cancellationToken) is { } record ? Snapshot?.Invoke(record) ?? record : null;

    public override async Task<TeamRecord?> GetTeamAsync(ActorId team, CancellationToken cancellationToken = default) =>
        await base.GetTeamAsync(team, cancellationToken) is { } record ? Team?.Invoke(record) ?? record : null;
}

/// <summary>A ledger whose operator puts its own keys in an actor's place.</summary>
internal sealed class ImpersonatingLedger(IConsentLedger inner, ActorId victim, ActorId address, Digest keyRecord) : CrashingLedger(inner, new CrashPoint(0, false))
{
    public override async Task<ActorRecord?> GetActorAsync(ActorId actor, CancellationToken cancellationToken = default) =>
        await base.GetActorAsync(actor, cancellationToken) is { } record && actor == victim
            ? record with { LedgerAddress = address, KeyRecordDigest = keyRecord }
            : await base.GetActorAsync(actor, cancellationToken);
}
