namespace Phr.Samples.Portal;

/// <summary>Who sees a claim, and from when on: each level when the claim has come to it, and afterwards.</summary>
public static class ClaimSight
{
    /// <summary>Whether somebody sees a claim.</summary>
    /// <param name="claim">The claim, as the ledger has it now.</param>
    /// <param name="who">Who asks.</param>
    public static bool Sees(ClaimRecord claim, Party who)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(who);
        return who.Actor is { } actor
            && (claim.Patient == actor
                || claim.Doctor == actor
                || (claim.Hospital == actor && HasPassed(claim, 1))
                || (who.Role == PortalRole.RegulatoryAgency && ((claim.AgencyReviews && HasPassed(claim, 2)) || claim.IsAppealed))
                || (claim.Insurer == actor && (HasPassed(claim, claim.AgencyReviews ? 3 : 2) || claim.Steps.Any(step => step.Kind == ClaimStepKind.SentBack))));
    }

    // An appeal that was sent back comes to the insurer whoever had rejected the claim.
    private static bool HasPassed(ClaimRecord claim, int level) => claim.Steps.Any(step => step.Kind == ClaimStepKind.Endorsed && step.Level == level);
}
