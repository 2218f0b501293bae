namespace Phr.Crypto;

/// <summary>What a member answers an opening request with. It owns nothing: the caller disposes the parts.</summary>
public sealed class TeamHelper
{
    /// <summary>The member's keys.</summary>
    public required IdentityKeys Identity { get; init; }

    /// <summary>The member's shares under the present charter.</summary>
    public required TeamShares Shares { get; init; }

    /// <summary>The request's own secret, to hand it on to the member who asks.</summary>
    /// <value>Default null: the member does not have it.</value>
    public SecretKey? RequestKey { get; init; }
}
