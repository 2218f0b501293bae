namespace Phr.Consent.Ethereum;

/// <summary>A custom error with its arguments: what the generated bindings are.</summary>
internal interface IAbiError
{
    AbiError Error { get; }
}

/// <summary>How an error is made from revert data.</summary>
internal interface IAbiError<out TSelf> : IAbiError
    where TSelf : IAbiError<TSelf>
{
    static abstract AbiError Description { get; }

    static abstract TSelf FromArguments(AbiValue arguments);
}
