namespace Phr.Oracle;

/// <summary>How an oracle works.</summary>
public sealed class OracleOptions
{
    /// <summary>How often work that waits for something outside the ledger (envelopes in the exchange) is looked at again.</summary>
    /// <value>Default 1 second; more than zero.</value>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait for the envelopes of all approvals once those that satisfy the policy are there.</summary>
    /// <value>Default 10 seconds. One bad trustee among the first cannot spoil a delivery that has the others too.</value>
    public TimeSpan EnvelopeGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long before the delivery deadline an oracle that cannot serve files its signed refusal.</summary>
    /// <value>Default null: 30 seconds; on a chain 5 minutes, or a quarter of the delivery window if that is less.</value>
    /// <remarks>On a chain the commands of one process get into blocks one after the other: a margin of 5 minutes has room for 25 with a block every twelve seconds, and a refusal whose block comes after the deadline is rejected.</remarks>
    public TimeSpan? RefusalMargin { get; init; }

    /// <summary>How far the ledger's time may run ahead of this machine's clock.</summary>
    /// <value>Default 1 minute.</value>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);
}
