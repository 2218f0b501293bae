using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A delivery's statement as a dispute carries it: which job it was, under which terms, and the root over what was delivered.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DisputedDelivery : IMapped<DisputedDelivery>
{
    private const int MaxSlashes = 1_000_000_000;

    /// <summary>Who delivered.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>How often its bond had been taken when it signed.</summary>
    public required int Slashes { get; init; }

    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>0, or 1 after a redraw.</summary>
    public required int Round { get; init; }

    /// <summary>How many uses of the grant had been counted.</summary>
    public required int Use { get; init; }

    /// <summary>The oracle's place in the committee, counted from 1.</summary>
    public required int Index { get; init; }

    /// <summary>The root over what the fragments are checked against.</summary>
    public required Digest EvidenceRoot { get; init; }

    /// <summary>Keccak-256 of the receiving key.</summary>
    public required Digest ReceivingKeyHash { get; init; }

    /// <summary>The root over the fragments.</summary>
    public required Digest Root { get; init; }

    string IMapped<DisputedDelivery>.TypeName => nameof(DisputedDelivery);

    /// <summary>Takes over a statement.</summary>
    /// <param name="statement">The statement.</param>
    /// <returns>Its fields but the ledger.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="statement"/> is null.</exception>
    public static DisputedDelivery Of(DeliveryStatement statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        return new DisputedDelivery
        {
            Oracle = statement.Oracle,
            Slashes = checked((int)statement.Slashes),
            RequestId = statement.Request,
            Round = statement.Round,
            Use = statement.Use,
            Index = statement.Index,
            EvidenceRoot = statement.EvidenceRoot,
            ReceivingKeyHash = statement.ReceivingKeyHash,
            Root = statement.Root,
        };
    }

    /// <summary>The statement that the oracle signed if it signed for this ledger.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <returns>The statement.</returns>
    public DeliveryStatement ToStatement(LedgerId ledger) => new()
    {
        Ledger = ledger,
        Oracle = Oracle,
        Slashes = (uint)Slashes,
        Request = RequestId,
        Round = Round,
        Use = Use,
        Index = Index,
        EvidenceRoot = EvidenceRoot,
        ReceivingKeyHash = ReceivingKeyHash,
        Root = Root,
    };

    DisputedDelivery IMapped<DisputedDelivery>.Map(FieldMap map) => this with
    {
        Oracle = map.Actor("oracle", Oracle),
        Slashes = map.Int32("slashes", Slashes, MaxSlashes),
        RequestId = map.Request("requestId", RequestId),
        Round = map.Int32("round", Round, byte.MaxValue),
        Use = map.Int32("use", Use, byte.MaxValue),
        Index = map.Int32("index", Index, LedgerLimits.Committee),
        EvidenceRoot = map.Digest("evidenceRoot", EvidenceRoot),
        ReceivingKeyHash = map.Digest("receivingKeyHash", ReceivingKeyHash),
        Root = map.Digest("root", Root),
    };
}
