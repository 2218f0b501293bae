namespace Phr.Crypto;

/// <summary>What a new <see cref="KeyRecord"/> says beside the keys.</summary>
public sealed class KeyRecordOptions
{
    /// <summary>When the record begins to count.</summary>
    /// <value>Required. Fractions of a second are cut off.</value>
    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>When the record ends. An oracle renews its record at most every 30 days.</summary>
    /// <value>Required; after <see cref="ValidFrom"/>. Fractions of a second are cut off.</value>
    public required DateTimeOffset ValidUntil { get; init; }

    /// <summary>Counts an actor's records; a later record has a higher number.</summary>
    /// <value>0 by default, which only the record of the first ledger key may have; at most 4,294,967,295.</value>
    public uint Sequence { get; init; }

    /// <summary>An envelope key other than the identity's own, for an oracle that draws and erases envelope keys.</summary>
    /// <value>Null by default.</value>
    public PublicKey? EnvelopeKey { get; init; }

    /// <summary>The operator's signature over an oracle's keys.</summary>
    /// <value>Null by default.</value>
    public OperatorEndorsement? Endorsement { get; init; }
}
