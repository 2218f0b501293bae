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
    /// <value>Default 30 seconds.</value>
    public TimeSpan RefusalMargin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How far the ledger's time may run ahead of this machine's clock.</summary>
    /// <value>Default 1 minute.</value>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);
}
