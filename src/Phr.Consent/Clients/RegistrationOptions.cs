using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What an actor says of itself when it registers.</summary>
public sealed class RegistrationOptions
{
    /// <summary>The organisation it belongs to.</summary>
    /// <value>Default all zero: none.</value>
    public ActorId Organisation { get; init; }

    /// <summary>How long its key record is valid.</summary>
    /// <value>Default 365 days. Oracles: at most 30 days.</value>
    public TimeSpan Validity { get; init; } = TimeSpan.FromDays(365);
}
