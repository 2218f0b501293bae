namespace Phr.Crypto;

/// <summary>
/// The one exception for hostile or damaged input: wire bytes, stored blocks, key files.
/// It names the stage that refused and the reason, and never holds key bytes, shares, plaintext or passphrases.
/// </summary>
/// <remarks>A caller's own mistake (a null, a threshold above the number of shares) is an <see cref="ArgumentException"/> instead.</remarks>
public sealed class PhrDataException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="stage">What was being read, in the format's own word: <c>capsule</c>, <c>bundle header</c>, <c>dealing</c>.</param>
    /// <param name="reason">Why it was refused.</param>
    /// <param name="detail">One sentence for a person: what is wrong and, where there is a remedy, what to do.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public PhrDataException(string stage, PhrDataReason reason, string detail, Exception? innerException = null)
        : base($"{stage}: {detail}", innerException)
    {
        Stage = stage;
        Reason = reason;
    }

    /// <summary>What was being read.</summary>
    public string Stage { get; }

    /// <summary>Why it was refused.</summary>
    public PhrDataReason Reason { get; }
}
