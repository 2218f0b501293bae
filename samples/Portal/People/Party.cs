namespace Phr.Samples.Portal;

/// <summary>Who asks for something.</summary>
/// <param name="UserId">The account.</param>
/// <param name="Role">The account's role.</param>
/// <param name="Actor">The identity on the ledger, if keys were made.</param>
/// <param name="Trustee">The identity as a trustee, if keys were made.</param>
public sealed record Party(int UserId, PortalRole Role, ActorId? Actor, ActorId? Trustee);
