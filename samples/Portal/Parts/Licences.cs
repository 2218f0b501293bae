namespace Phr.Samples.Portal;

/// <summary>How doctors' licences stand: by the ledger, which decides, and with the agency's words, which the portal keeps.</summary>
public sealed class Licences(PhrServices phr, TimeProvider time)
{
    /// <summary>How a doctor's licence stands now.</summary>
    /// <param name="doctor">The doctor, with the doctor's profile.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<LicenceView> ReadAsync(PortalUser doctor, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(doctor);
        string? reason = doctor.Doctor?.RefusalReason;
        if (doctor.ActorId is not { } actor || !phr.IsFounded || await phr.Services.Ledger.GetActorAsync(actor, cancellationToken) is not { } record)
        {
            return new LicenceView(LicenceStage.WithoutKeys, null, reason, MayRenew: false);
        }

        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset? until = doctor.Doctor?.Licence is null ? null : record.Licence?.NotAfter;
        LicenceStage stage = record.Status switch
        {
            ActorStatus.Suspended => LicenceStage.Suspended,
            ActorStatus.Removed => LicenceStage.Removed,
            _ when until is null => reason is null ? LicenceStage.Waiting : LicenceStage.Refused,
            _ => now < until ? LicenceStage.Valid : LicenceStage.Expired,
        };
        return new LicenceView(stage, until, reason, stage is LicenceStage.Valid or LicenceStage.Expired && now >= until - LicenceView.RenewalPeriod);
    }

    /// <summary>Requires that a doctor may work.</summary>
    /// <exception cref="DeskException">The doctor may not; the message says why and what to do.</exception>
    public async Task RequireAsync(PortalUser doctor, CancellationToken cancellationToken = default)
    {
        LicenceView view = await ReadAsync(doctor, cancellationToken);
        if (!view.Holds)
        {
            throw new DeskException($"{view.Title.TrimEnd('.')}. {view.Advice}");
        }
    }
}
