using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A command was accepted: its actor's next nonce is one higher. The first event of every entry that carries a command.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record NonceUsed : LedgerEvent
{
    /// <summary>Who signed.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>The nonce that was used, counted from 0.</summary>
    public required ulong Nonce { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.NonceUsed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Actor = map.Actor("actor", Actor),
        Nonce = map.UInt64("nonce", Nonce),
    };
}
