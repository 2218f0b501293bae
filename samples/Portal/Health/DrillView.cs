namespace Phr.Samples.Portal;

/// <summary>The newest drill as its patient sees it.</summary>
/// <param name="AskedAt">When it was asked.</param>
/// <param name="Trustees">What it showed of each trustee, in the order in which they were named.</param>
/// <param name="Uploads">How many uploads it is about.</param>
/// <param name="Openable">How many of those the trustees who answered can open together: their proofs were checked, and combined.</param>
/// <param name="Unread">How many of the uploads cannot be read now, so that answers about them cannot be checked.</param>
public sealed record DrillView(DateTimeOffset AskedAt, IReadOnlyList<TrusteeHealth> Trustees, int Uploads, int Openable, int Unread)
{
    /// <summary>Whether somebody has not answered for all that they were asked.</summary>
    public bool IsWaiting => Trustees.Any(t => t.Proved + t.Failed < t.Asked);
}
