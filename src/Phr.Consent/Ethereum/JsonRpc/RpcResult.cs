namespace Phr.Consent.Ethereum;

/// <summary>The result of one call of a batch: a value, or the node's error.</summary>
internal readonly struct RpcResult<T>
{
    private readonly T? _value;

    public RpcResult(T value) => _value = value;

    public RpcResult(JsonRpcException error) => Error = error;

    public JsonRpcException? Error { get; }

    /// <summary>The value; throws <see cref="Error"/> when there is one.</summary>
    public T Value => Error is null ? _value! : throw Error;
}
