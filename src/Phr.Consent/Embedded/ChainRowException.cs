namespace Phr.Consent.Embedded;

/// <summary>A row that is not an entry; the ledger turns it into a PhrDataException or into the finding of a verification.</summary>
internal sealed class ChainRowException(ulong number, Exception cause) : Exception(cause.Message, cause)
{
    public ulong Number { get; } = number;
}
