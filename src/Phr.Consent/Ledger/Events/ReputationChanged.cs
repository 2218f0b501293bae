using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle's reputation changed by a dispute. What settlements and ratings do to it follows from their own events.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReputationChanged : LedgerEvent
{
    /// <summary>The request that gave the observation.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>Whose reputation it is.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>The reputation from now on.</summary>
    public required Reputation Reputation { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.ReputationChanged;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Oracle = map.Actor("oracle", Oracle),
        Reputation = map.Nested("reputation", Reputation),
    };
}
