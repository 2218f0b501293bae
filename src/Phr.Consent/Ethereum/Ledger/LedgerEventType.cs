using System.Collections.Immutable;

namespace Phr.Consent.Ethereum;

/// <summary>An event of the ledger's contract, with the names of its arguments.</summary>
internal sealed record LedgerEventType(AbiEvent Event, ImmutableArray<AbiParameter> Inputs)
{
    public string Name => Event.Name;
}
