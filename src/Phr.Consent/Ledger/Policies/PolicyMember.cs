using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee in a consent policy.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record PolicyMember : IMapped<PolicyMember>
{
    /// <summary>Who it is.</summary>
    public required ActorId Identity { get; init; }

    /// <summary>The organisation it belongs to; zero for none. Members of one organisation count as one will.</summary>
    public ActorId Organisation { get; init; }

    string IMapped<PolicyMember>.TypeName => nameof(PolicyMember);

    PolicyMember IMapped<PolicyMember>.Map(FieldMap map) => this with
    {
        Identity = map.Actor("identity", Identity),
        Organisation = map.Actor("organisation", Organisation),
    };
}
