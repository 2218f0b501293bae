namespace Phr.Samples.Portal;

/// <summary>An insurer's work: claims on the ledger.</summary>
public sealed class InsurerDesk(DeskParts parts) : Desk(parts)
{
    /// <summary>The claims of this insurer, newest first.</summary>
    public async Task<IReadOnlyList<ClaimRecord>> ClaimsAsync(CancellationToken cancellationToken = default)
    {
        ActorId me = (await Person.RequireAsync()).ActorId ?? throw new DeskException("Make your keys first.");
        return [.. (await Phr.Services.Ledger.ListClaimsAsync(new ClaimFilter { Insurer = me }, cancellationToken)).OrderByDescending(c => c.FiledAt)];
    }
}
