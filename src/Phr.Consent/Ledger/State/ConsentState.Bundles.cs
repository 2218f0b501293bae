using Phr.Crypto;

namespace Phr.Consent;

// Bundles and their revisions.
public sealed partial class ConsentState
{
    private readonly Dictionary<BundleId, BundleRecord> _bundles = [];

    /// <summary>A bundle.</summary>
    /// <param name="bundle">Its id.</param>
    /// <returns>The record, or null.</returns>
    public BundleRecord? GetBundle(BundleId bundle) => _bundles.GetValueOrDefault(bundle);

    /// <summary>The actor's own bundle, as long as it is open.</summary>
    private Refusal? FindOwn(BundleId id, ActorId actor, out BundleRecord bundle)
    {
        bundle = GetBundle(id)!;
        return bundle is null ? Refuse(LedgerError.NotFound, "The bundle is not registered.")
            : bundle.Patient != actor ? Refuse(LedgerError.NotYours, "The bundle belongs to another patient.")
            : bundle.IsRevoked ? Refuse(LedgerError.WrongState, "The bundle was closed.")
            : null;
    }

    private Refusal? On(RegisterBundle c, Turn turn)
    {
        Refusal? refusal = RequireRole(c.Actor, ActorRoles.Patient)
            ?? (c.BundleId.IsZero || c.HeaderDigest.IsZero ? Refuse(LedgerError.Malformed, "A bundle has an id and a header.")
            : _bundles.ContainsKey(c.BundleId) ? Refuse(LedgerError.AlreadyExists, "The bundle is registered already.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new BundleRegistered { BundleId = c.BundleId, Patient = c.Actor, HeaderDigest = c.HeaderDigest, DocumentsRoot = c.DocumentsRoot });
        }

        return refusal;
    }

    private Refusal? On(ReviseBundle c, Turn turn)
    {
        Refusal? refusal = FindOwn(c.BundleId, c.Actor, out BundleRecord bundle)
            ?? (c.PreviousHeaderDigest != bundle.HeaderDigest ? Refuse(LedgerError.StaleDigest, "The header to be replaced is not the present one.")
            : c.HeaderDigest.IsZero || c.HeaderDigest == bundle.HeaderDigest ? Refuse(LedgerError.Malformed, "A revision brings a new header.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new BundleRevised
            {
                BundleId = c.BundleId,
                PreviousHeaderDigest = c.PreviousHeaderDigest,
                HeaderDigest = c.HeaderDigest,
                DocumentsRoot = c.DocumentsRoot,
            });
        }

        return refusal;
    }

    private Refusal? On(RevokeBundle c, Turn turn)
    {
        if (FindOwn(c.BundleId, c.Actor, out _) is { } refusal)
        {
            return refusal;
        }

        turn.Emit(new BundleRevoked { BundleId = c.BundleId, ReasonCode = c.ReasonCode });
        return null;
    }

    private void Apply(BundleRegistered e, DateTimeOffset now) => _bundles[e.BundleId] = new BundleRecord
    {
        Id = e.BundleId,
        Patient = e.Patient,
        HeaderDigest = e.HeaderDigest,
        DocumentsRoot = e.DocumentsRoot,
        Revision = 0,
        RegisteredAt = now,
    };

    private void Apply(BundleRevised e)
    {
        BundleRecord bundle = Known(_bundles, e.BundleId);
        _bundles[e.BundleId] = bundle with { HeaderDigest = e.HeaderDigest, DocumentsRoot = e.DocumentsRoot, Revision = bundle.Revision + 1 };
    }

    private void Apply(BundleRevoked e, DateTimeOffset now)
    {
        EndWaiting(Known(_bundles, e.BundleId));
        _bundles[e.BundleId] = _bundles[e.BundleId] with { IsRevoked = true };
        foreach (RequestRecord request in RequestsOf(e.BundleId).Where(request => request.Ended is null).ToArray())
        {
            _requests[request.Id] = request with
            {
                Ended = request.Grant is null ? RequestStatus.Voided : RequestStatus.Revoked,
                EndedAt = now,
                VoidCause = VoidCause.BundleRevoked,
                RevocationReason = request.Grant is null ? null : e.ReasonCode,
            };
        }
    }
}
