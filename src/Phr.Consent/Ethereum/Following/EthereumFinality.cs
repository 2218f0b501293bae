namespace Phr.Consent;

/// <summary>When a client takes a block as final: from then on permissions that stand in it count.</summary>
/// <remarks>Denials count as soon as they are seen, whatever this says (rule 11 of the protocol). Immutable and thread safe.</remarks>
public readonly record struct EthereumFinality
{
    private EthereumFinality(FinalityKind kind, int confirmations)
    {
        Kind = kind;
        Confirmations = confirmations;
    }

    /// <summary>Every block at once. For development nodes, and for chains on which no block is ever replaced.</summary>
    public static EthereumFinality Head => default;

    /// <summary>The network's own word "safe".</summary>
    public static EthereumFinality Safe => new(FinalityKind.Safe, 0);

    /// <summary>The network's own word "finalized": on the public network about a quarter of an hour behind the head.</summary>
    public static EthereumFinality Finalized => new(FinalityKind.Finalized, 0);

    /// <summary>Which kind it is.</summary>
    public FinalityKind Kind { get; }

    /// <summary>How many blocks must follow a block, for <see cref="FinalityKind.Blocks"/>; else 0.</summary>
    public int Confirmations { get; }

    /// <summary>A block is final when so many blocks follow it.</summary>
    /// <param name="confirmations">How many, 1 to 100,000.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number lies outside its bounds.</exception>
    public static EthereumFinality After(int confirmations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(confirmations, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(confirmations, 100_000);
        return new EthereumFinality(FinalityKind.Blocks, confirmations);
    }

    /// <summary>The last final block of a chain, where that follows from its head alone; null where no block is final yet.</summary>
    internal ulong? LastUnder(ulong head) => head >= (ulong)Confirmations ? head - (ulong)Confirmations : null;

    /// <inheritdoc/>
    public override string ToString() => Kind == FinalityKind.Blocks ? $"{Confirmations} blocks" : Kind.ToString();
}
