using Phr.Crypto;

namespace Phr.Consent;

/// <summary>How an <see cref="EmbeddedConsentLedger"/> is opened or created.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class EmbeddedLedgerOptions
{
    /// <summary>The clock that entries take their time from, and that paces the look-out for entries of other processes.</summary>
    /// <value>Default: the system's clock.</value>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The parameters, with the founding agency, to begin a new ledger with when the file is not there; an existing ledger keeps its own.</summary>
    /// <value>Default: null, which creates nothing and refuses a file that is not there.</value>
    public LedgerParameters? CreateWith { get; init; }

    /// <summary>The operator's key, when the host keeps it elsewhere. The caller disposes it after the ledger.</summary>
    /// <value>Default: null, for the key file beside the database, which is made with the ledger and readable by its owner alone. Whoever holds it is the operator.</value>
    public SecretKey? OperatorKey { get; init; }

    /// <summary>How long a command, or the opening, waits while another process writes.</summary>
    /// <value>Default: 30 seconds. From zero, which tries once.</value>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a follower looks for entries of other processes; those of its own process reach it at once.</summary>
    /// <value>Default: 200 milliseconds. Above zero.</value>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(200);
}
