namespace Phr.Samples.Portal;

/// <summary>How a sign-in ended.</summary>
public enum SignInOutcome
{
    SignedIn = 0,
    NeedsCode,
    Wrong,
    LockedOut,
    Pending,
    Blocked,
}
