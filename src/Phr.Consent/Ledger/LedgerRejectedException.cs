namespace Phr.Consent;

/// <summary>A ledger refused a command. Nothing was changed.</summary>
public sealed class LedgerRejectedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="error">Why.</param>
    /// <param name="message">One sentence for a person.</param>
    /// <param name="failingLeaf">The condition that failed, when the access rule refused.</param>
    /// <param name="innerException">The cause, if another exception led here.</param>
    public LedgerRejectedException(LedgerError error, string message, AccessRuleLeaf? failingLeaf = null, Exception? innerException = null)
        : base($"{error}: {message}", innerException)
    {
        Error = error;
        FailingLeaf = failingLeaf;
    }

    /// <summary>Why the command was refused.</summary>
    public LedgerError Error { get; }

    /// <summary>The condition that failed, when the access rule refused; else null.</summary>
    public AccessRuleLeaf? FailingLeaf { get; }
}
