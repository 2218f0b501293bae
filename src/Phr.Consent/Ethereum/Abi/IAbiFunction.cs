namespace Phr.Consent.Ethereum;

/// <summary>A call of one function with its arguments: what the generated bindings are.</summary>
internal interface IAbiFunction
{
    AbiFunction Function { get; }

    /// <summary>The arguments in the order of the declaration.</summary>
    AbiValue ToArguments();

    /// <summary>The selector and the arguments.</summary>
    byte[] ToCallData() => Function.EncodeCall(ToArguments());
}

/// <summary>A call that returns something.</summary>
internal interface IAbiFunction<out TResult> : IAbiFunction
{
    TResult FromResult(AbiValue result);
}
