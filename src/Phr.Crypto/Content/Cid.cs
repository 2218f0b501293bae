namespace Phr.Crypto;

/// <summary>Placeholder.</summary>
public readonly record struct Cid;
