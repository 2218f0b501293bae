using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Who receives what a request asks for.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RequestReceiver : IMapped<RequestReceiver>
{
    /// <summary>A person or a team: exactly one of the two.</summary>
    public required ReceiverKinds Kind { get; init; }

    /// <summary>The person's or the team's id. A person is the doctor who asks.</summary>
    public required ActorId Id { get; init; }

    /// <summary>The epoch of the team's key, to which the receiving key is made; 0 for a person.</summary>
    public int KeyEpoch { get; init; }

    string IMapped<RequestReceiver>.TypeName => nameof(RequestReceiver);

    /// <summary>The doctor who asks, as the receiver.</summary>
    /// <param name="doctor">The doctor's id.</param>
    /// <returns>The receiver.</returns>
    public static RequestReceiver Person(ActorId doctor) => new() { Kind = ReceiverKinds.Person, Id = doctor };

    /// <summary>A team as the receiver.</summary>
    /// <param name="team">The team's id.</param>
    /// <param name="keyEpoch">The epoch of its present key.</param>
    /// <returns>The receiver.</returns>
    public static RequestReceiver Team(ActorId team, int keyEpoch) => new() { Kind = ReceiverKinds.Team, Id = team, KeyEpoch = keyEpoch };

    RequestReceiver IMapped<RequestReceiver>.Map(FieldMap map) => this with
    {
        Kind = (ReceiverKinds)map.Int32("kind", (int)Kind, 2),
        Id = map.Actor("id", Id),
        KeyEpoch = map.Int32("keyEpoch", KeyEpoch, LedgerLimits.EpochMax),
    };
}
