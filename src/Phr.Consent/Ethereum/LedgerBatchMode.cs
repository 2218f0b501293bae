namespace Phr.Consent;

/// <summary>What a refusal in a batch of commands does to the others.</summary>
public enum LedgerBatchMode
{
    /// <summary>One refusal undoes all.</summary>
    AllOrNothing = 0,

    /// <summary>The others stand.</summary>
    EachForItself = 1,
}
