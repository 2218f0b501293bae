using System.Numerics;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>
/// Reads the contract's logs as the model's events. They have the same names and fields; where the contract leaves out what follows from the state, or packs it, the state fills it in again.
/// </summary>
internal sealed class LedgerLogReader(LedgerAbi abi)
{
    private const string Stage = "contract log";
    private const string CallFailed = "CallFailed";

    private static readonly Dictionary<string, LedgerEvent> _blanks = EventKinds.Blanks.ToDictionary(blank => blank.Kind.ToString(), StringComparer.Ordinal);

    /// <summary>The event of a log, or null for one that changes nothing: a call of a batch that was refused.</summary>
    /// <exception cref="PhrDataException">The log is none that this version of the ledger writes.</exception>
    public LedgerEvent? Read(FollowedLog log, ConsentState state)
    {
        if (log.Topics.Count == 0 || abi.FindEvent(log.Topics[0]) is not { } type)
        {
            throw new PhrDataException(Stage, PhrDataReason.UnknownVersion, $"the log {log.Index} of block {log.Block} is of no event of this ledger.");
        }

        if (type.Name == CallFailed)
        {
            return null;
        }

        if (!_blanks.TryGetValue(type.Name, out LedgerEvent? blank))
        {
            throw new PhrDataException(Stage, PhrDataReason.UnknownVersion, $"this version does not know the event {type.Name}.");
        }

        // The contract does not look whether an envelope key is a point of the curve; one that is none is nobody's.
        if (type.Name == nameof(EnvelopeKeyPublished) && !PublicKey.TryFromBytes(new AbiFieldReader(type.Inputs, type.Event.Decode(log.Topics, log.Data.Span)).Bytes("envelopeKey"), out _))
        {
            return null;
        }

        var fields = new AbiFieldReader(type.Inputs, type.Event.Decode(log.Topics, log.Data.Span));
        LedgerEvent read = blank switch
        {
            AccessRequested => state.CompleteRequest(fields, log.Block),
            CommitteeDrawn => state.CompleteDraw(fields),
            SnapshotTaken => state.CompleteSnapshot(fields),
            ReputationChanged => state.CompleteReputation(fields),
            _ => blank.Map(fields),
        };
        return ((IMapped<LedgerEvent>)read).FindFault() is { } fault ? throw new PhrDataException(Stage, PhrDataReason.OutOfRange, fault) : read;
    }

    /// <summary>Which events of the model the contract has not, by name, and the other way round.</summary>
    internal static (IReadOnlyList<string> NotInContract, IReadOnlyList<string> NotInModel) Compare(LedgerAbi abi) =>
        ([.. _blanks.Keys.Except(abi.Events.Select(e => e.Name), StringComparer.Ordinal)], [.. abi.Events.Select(e => e.Name).Except(_blanks.Keys, StringComparer.Ordinal).Except([CallFailed], StringComparer.Ordinal)]);
}
