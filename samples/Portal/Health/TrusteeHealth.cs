namespace Phr.Samples.Portal;

/// <summary>What the newest drill showed of one trustee.</summary>
/// <param name="Trustee">Who.</param>
/// <param name="Asked">Of how many uploads they were asked to try their share.</param>
/// <param name="Proved">For how many of those there is a proof that they used it.</param>
/// <param name="Failed">For how many they could not use it.</param>
/// <param name="AnsweredAt">When they answered last, in this drill or an earlier one.</param>
public sealed record TrusteeHealth(PortalUser Trustee, int Asked, int Proved, int Failed, DateTimeOffset? AnsweredAt)
{
    /// <summary>How many more they were asked for that cannot be read now: nothing shows then whether their share can be used.</summary>
    public int Unread { get; init; }

    /// <summary>The state in words.</summary>
    public string State =>
        Asked == 0 && Unread > 0 ? "cannot be checked now"
        : Asked == 0 ? "has no share of these uploads"
        : Failed > 0 ? $"could not use {(Failed == 1 ? "a share" : $"{Failed} shares")}"
        : Proved == Asked ? "answered: every share can be used"
        : Proved > 0 ? "answered for some"
        : "has not answered yet";

    /// <summary>good, warn or bad, for a badge.</summary>
    public string Kind => Failed > 0 ? "bad" : Asked > 0 && Proved == Asked ? "good" : "warn";
}
