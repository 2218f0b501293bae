using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Something that an actor asks of the ledger. It takes effect when signed by the actor's ledger key and accepted.</summary>
/// <remarks>It holds ids, digests, commitments, codes, numbers, public keys and times, and nothing about a person. The kinds are a closed set. Immutable and thread safe.</remarks>
public abstract record LedgerCommand : IMapped<LedgerCommand>
{
    private protected LedgerCommand()
    {
    }

    /// <summary>Who asks, and whose ledger key signs.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>Which command it is.</summary>
    public abstract LedgerCommandKind Kind { get; }

    string IMapped<LedgerCommand>.TypeName => Kind.ToString();

    /// <summary>Whether the command only takes something away; such commands are accepted from a suspended actor, so that no agency can take a veto from a patient.</summary>
    internal virtual bool OnlyWithdraws => false;

    /// <summary>Whether the command only takes out what is the actor's own; such commands are accepted from a removed actor, too.</summary>
    internal virtual bool OutlastsRemoval => false;

    LedgerCommand IMapped<LedgerCommand>.Map(FieldMap map) => Map(map);

    string? IMapped<LedgerCommand>.FindFault() => FindFault();

    internal abstract LedgerCommand Map(FieldMap map);

    internal virtual string? FindFault() => null;
}
