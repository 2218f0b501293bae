namespace Phr.Consent;

/// <summary>What of a trustee's memory is written down.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class TrusteeBackupOptions
{
    /// <summary>
    /// Whether the secret of each bundle's epoch key is written down too, so that the list alone brings the shares back; false by default. Such a list
    /// must be destroyed and made anew at every new epoch, or the erasure of old epoch keys is undone by paper.
    /// </summary>
    public bool IncludeEpochKeys { get; init; }
}
