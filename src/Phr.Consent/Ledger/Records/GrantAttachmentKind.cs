namespace Phr.Consent;

/// <summary>What a patient attaches to a grant.</summary>
/// <remarks>The numbers are part of the format and never change.</remarks>
public enum GrantAttachmentKind
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Search tokens, sealed to the request's receiving key: <see cref="Phr.Crypto.SearchGrant"/>.</summary>
    SearchTokens = 1,
}
