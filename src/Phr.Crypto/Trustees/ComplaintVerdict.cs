namespace Phr.Crypto;

/// <summary>Who is at fault when a trustee complains of its shares.</summary>
public enum ComplaintVerdict
{
    /// <summary>Nobody else can tell: the complaint shows nothing, or the envelope is not at hand.</summary>
    Undecided = 0,
    /// <summary>The dealer made an envelope that is no good, as anybody can see.</summary>
    DealerAtFault,
    /// <summary>The envelope holds exactly what the dealer committed to, or the complaint's proof is false.</summary>
    TrusteeAtFault,
}
