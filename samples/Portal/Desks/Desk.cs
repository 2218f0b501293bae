using Microsoft.EntityFrameworkCore;
using Phr.Storage;

namespace Phr.Samples.Portal;

/// <summary>What the desks share: who asks, their keys, the database, the ledger, and the guard.</summary>
/// <remarks>A desk is made for one request. Pages call desks; nothing else touches clients, keys or rows.</remarks>
public abstract class Desk(DeskParts parts)
{
    private const string KeyRecordStage = "key record";

    protected CurrentPerson Person => parts.Person;

    protected PortalDb Db => parts.Db;

    protected PhrServices Phr => parts.Phr;

    protected Guard Guard => parts.Guard;

    protected Postman Postman => parts.Postman;

    protected TimeProvider Time => parts.Time;

    protected Licences Licences => parts.Licences;

    /// <summary>The session's keys while something is done with them.</summary>
    /// <exception cref="DeskException">They are locked.</exception>
    protected KeyLease Unlocked() => parts.Keys.Lease(Person.Session) ?? throw new DeskException("Your keys are locked. Unlock them and try again.");

    /// <summary>The doctor who asks, with a licence that holds.</summary>
    /// <exception cref="DeskException">It does not; the message says why and what to do.</exception>
    protected async Task<PortalUser> RequireLicenceAsync(CancellationToken cancellationToken)
    {
        PortalUser me = await Person.RequireAsync();
        await Licences.RequireAsync(me, cancellationToken);
        return me;
    }

    /// <summary>Somebody's present keys, from their own signed key record, which must hold now.</summary>
    /// <exception cref="DeskException">They have none yet.</exception>
    /// <exception cref="PhrDataException">The record has ended, or is missing or damaged.</exception>
    protected async Task<IdentityPublicKeys> KeysOfAsync(PortalUser user, CancellationToken cancellationToken)
    {
        KeyRecord record = await KeyRecordOfAsync(user, cancellationToken);
        return HoldsNow(record) ? record.Keys : throw new PhrDataException(KeyRecordStage, PhrDataReason.Expired, "it does not hold at this time.");
    }

    /// <summary>The same for something that is sealed to them.</summary>
    /// <exception cref="DeskException">They have none yet, or they have ended; the message says what to do.</exception>
    protected async Task<IdentityPublicKeys> KeysToSealAsync(PortalUser user, CancellationToken cancellationToken)
    {
        try
        {
            return await KeysOfAsync(user, cancellationToken);
        }
        catch (PhrDataException e) when (e.Reason == PhrDataReason.Expired)
        {
            throw new DeskException($"{user.DisplayName}'s keys have ended, so that nothing can be sealed to them: keys hold for a year. They go on as soon as {user.DisplayName} signs in and unlocks them. Ask for that, and try again.", e);
        }
    }

    /// <summary>Somebody's own signed key record, whether it holds now or has ended.</summary>
    /// <exception cref="DeskException">They have none yet.</exception>
    /// <exception cref="PhrDataException">It is missing or damaged.</exception>
    protected async Task<KeyRecord> KeyRecordOfAsync(PortalUser user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ConsentServices services = Phr.Services;
        if (user.ActorId is not { } actor || await services.Ledger.GetActorAsync(actor, cancellationToken) is not { KeyRecordDigest.IsZero: false } entry)
        {
            throw new DeskException($"{user.DisplayName} has not made keys yet.");
        }

        var record = KeyRecord.FromBytes(await services.Exchange.GetBlockAsync(entry.KeyRecordDigest, cancellationToken));
        if (record.ActorId != actor || ActorId.FromPublicKey(record.Keys.LedgerKey) != actor)
        {
            throw new PhrDataException("key record", PhrDataReason.Mismatched, "it is another's, or of a later key than the identity's first.");
        }

        record.Verify(services.Ledger.Id, entry.LedgerAddress, record.ValidFrom);
        return record;
    }

    /// <summary>Requires of something signed that it was there before its signer's key record ended.</summary>
    /// <param name="record">The signer's record. One that was renewed names the same keys, so that it counts for what was signed before it began.</param>
    /// <param name="enteredAt">When it was there: by the ledger, or by the portal's own clock.</param>
    /// <exception cref="PhrDataException">It came after the end.</exception>
    protected void RequireSignedInTime(KeyRecord record, DateTimeOffset enteredAt)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (!HoldsNow(record) && (enteredAt >= record.ValidUntil || Time.GetUtcNow() < record.ValidFrom))
        {
            throw new PhrDataException(KeyRecordStage, PhrDataReason.Expired, "whoever signed had no keys that held at that time.");
        }
    }

    /// <summary>Draws the committee of a request that is noted and told already. Where that cannot be done now, or somebody else was faster, the request stands all the same, and the housekeeping draws it.</summary>
    private protected static async Task DrawAsync(DoctorClient client, RequestId request, CancellationToken cancellationToken)
    {
        try
        {
            await client.DrawCommitteeAsync(request, cancellationToken);
        }
        catch (Exception e) when (e is LedgerRejectedException or EthereumUnavailableException or EthereumTransactionException)
        {
            // The request's page says that it is being prepared.
        }
    }

    /// <summary>The doctor's request for an upload that stands on the ledger and not here: the portal stopped, or a node failed, before it was noted. Null for none.</summary>
    private protected async Task<RequestRecord?> FindUnnotedAsync(BundleId bundle, ActorId doctor, CancellationToken cancellationToken)
    {
        RequestRecord? last = (await Phr.Services.Ledger.ListRequestsAsync(new RequestFilter { BundleId = bundle, Doctor = doctor }, cancellationToken)).LastOrDefault();
        if (last is null || last.IsOver(Time.GetUtcNow()) || last.SettledAt is not null)
        {
            return null;
        }

        string id = last.Id.ToString();
        return await Db.Appointments.AnyAsync(a => a.Request == id, cancellationToken) ? null : last;
    }

    /// <summary>Does something on the ledger, and says in plain words when it refuses.</summary>
    protected static async Task<T> PlainlyAsync<T>(Func<Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            return await work();
        }
        catch (LedgerRejectedException e)
        {
            throw new DeskException($"The ledger refused it: {e.Message}", e);
        }
        catch (Exception e) when (e is EthereumUnavailableException or IpfsUnavailableException)
        {
            throw new DeskException("The ledger or the store cannot be reached at the moment. Nothing is lost: try again in some minutes.", e);
        }
        catch (EthereumTransactionException e)
        {
            throw new DeskException($"It could not be written to the ledger: {e.Message}", e);
        }
        catch (PhrDataException e) when (e is { Stage: KeyRecordStage, Reason: PhrDataReason.Expired })
        {
            throw new DeskException("The keys of somebody who has to read this have ended: keys hold for a year. They go on as soon as their owner signs in and unlocks them. Ask for that, and try again; if it is you who has not been here for long, try again in a minute.", e);
        }
        catch (InvalidOperationException e) when (e is not ObjectDisposedException)
        {
            throw new DeskException(e.Message, e);
        }
    }

    /// <summary>Reads something sealed, and says in plain words when it cannot be read now.</summary>
    /// <exception cref="DeskException">It cannot be read now.</exception>
    protected static async Task<T> ReadablyAsync<T>(Func<Task<T>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        try
        {
            return await read();
        }
        catch (Exception e) when (Unreadable.Is(e))
        {
            throw new DeskException($"This cannot be read now. {Unreadable.Advice}", e);
        }
    }

    /// <inheritdoc cref="PlainlyAsync{T}(Func{Task{T}})"/>
    protected static Task PlainlyAsync(Func<Task> work) => PlainlyAsync(async () =>
    {
        await work();
        return true;
    });

    private bool HoldsNow(KeyRecord record) => Time.GetUtcNow() is var now && now >= record.ValidFrom && now < record.ValidUntil;
}
