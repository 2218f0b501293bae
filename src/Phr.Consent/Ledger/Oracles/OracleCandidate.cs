using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle that may be drawn, as the registry stood when the request was made.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record OracleCandidate : IMapped<OracleCandidate>
{
    /// <summary>Who it is.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>Who runs it; a committee has one seat for each operator.</summary>
    public required ActorId Operator { get; init; }

    /// <summary>The organisation it belongs to; zero for none.</summary>
    public ActorId Organisation { get; init; }

    /// <summary>The key record that it had when the request was made: everyone seals to and checks with these keys, also when the oracle renews them meanwhile.</summary>
    public required Digest KeyRecordDigest { get; init; }

    /// <summary>Its weight in the draw, 1 to 1,000,000.</summary>
    public required int Weight { get; init; }

    string IMapped<OracleCandidate>.TypeName => nameof(OracleCandidate);

    OracleCandidate IMapped<OracleCandidate>.Map(FieldMap map) => this with
    {
        Oracle = map.Actor("oracle", Oracle),
        Operator = map.Actor("operator", Operator),
        Organisation = map.Actor("organisation", Organisation),
        KeyRecordDigest = map.Digest("keyRecordDigest", KeyRecordDigest),
        Weight = map.Int32("weight", Weight, Reputation.Full),
    };
}
