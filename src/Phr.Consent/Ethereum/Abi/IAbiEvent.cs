namespace Phr.Consent.Ethereum;

/// <summary>An event that happened, with its arguments: what the generated bindings are.</summary>
internal interface IAbiEvent
{
    AbiEvent Event { get; }
}

/// <summary>How an event is made from a log.</summary>
internal interface IAbiEvent<out TSelf> : IAbiEvent
    where TSelf : IAbiEvent<TSelf>
{
    static abstract AbiEvent Description { get; }

    static abstract TSelf FromArguments(AbiValue arguments);
}
