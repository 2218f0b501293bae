using Phr.Crypto;

namespace Phr.Consent.Embedded;

/// <summary>What a chain begins with; it stands as entry 0.</summary>
internal sealed record ChainGenesis(PublicKey OperatorKey, DateTimeOffset Time, byte[] Parameters, Digest Hash, RecoverableSignature OperatorSignature)
{
    public LedgerId Ledger { get; } = ChainFormat.LedgerId(OperatorKey);

    public ChainHead Head => new(0, Time, Hash);

    public static ChainGenesis Create(SecretKey operatorKey, DateTimeOffset time, byte[] parameters)
    {
        time = ChainFormat.ToWholeSeconds(time);
        Digest hash = ChainFormat.HashGenesis(operatorKey.PublicKey, time, parameters);
        return new ChainGenesis(operatorKey.PublicKey, time, parameters, hash, operatorKey.SignDigest(hash.ToBytes()));
    }

    /// <summary>What is wrong with the genesis, or null.</summary>
    public string? Fault() =>
        ChainFormat.HashGenesis(OperatorKey, Time, Parameters) != Hash ? "the genesis hash is not that of the parameters, the operator's key and the time"
        : !ChainFormat.IsSignedBy(Ledger, Hash, OperatorSignature) ? "the operator's signature does not hold for the genesis"
        : null;
}
