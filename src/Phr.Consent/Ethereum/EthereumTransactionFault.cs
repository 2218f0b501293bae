namespace Phr.Consent;

/// <summary>Says why a transaction did not get into the chain.</summary>
public enum EthereumTransactionFault
{
    /// <summary>The node did not take it: too little ether, too little gas, or a rule of its own.</summary>
    RefusedByNode = 0,

    /// <summary>Another transaction of the same account took its place: somebody else uses the account's key.</summary>
    ReplacedByAnother,

    /// <summary>The chain asks for a higher fee than the options allow.</summary>
    FeeAboveLimit,

    /// <summary>The sender was disposed while it waited. The transaction may still get into the chain.</summary>
    SenderStopped,
}
