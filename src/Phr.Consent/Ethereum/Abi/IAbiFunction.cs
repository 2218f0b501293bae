namespace Phr.Consent.Ethereum;

/// <summary>A call of one function with its arguments: what the generated bindings are.</summary>
internal interface IAbiFunction
{
    AbiFunction Function { get; }

    /// <summary>The arguments in the order of the declaration.</summary>
    AbiValue ToArguments();
}

/// <summary>How a call is made from its arguments.</summary>
internal interface IAbiFunction<out TSelf> : IAbiFunction
    where TSelf : IAbiFunction<TSelf>
{
    static abstract AbiFunction Description { get; }

    static abstract TSelf FromArguments(AbiValue arguments);
}

/// <summary>A call that returns something.</summary>
internal interface IAbiFunction<out TSelf, out TResult> : IAbiFunction<TSelf>
    where TSelf : IAbiFunction<TSelf, TResult>
{
    static abstract TResult FromResult(AbiValue result);
}
