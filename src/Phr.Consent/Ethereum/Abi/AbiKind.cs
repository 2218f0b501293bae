namespace Phr.Consent.Ethereum;

/// <summary>The kinds of types of the contract ABI that contracts here use.</summary>
internal enum AbiKind
{
    UInt,
    Int,
    Bool,
    Address,
    FixedBytes,
    Bytes,
    Text,
    Tuple,
    FixedArray,
    Array,
}
