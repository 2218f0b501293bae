namespace Phr.Oracle;

/// <summary>How an oracle keeps its jobs and divides them among its processes.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record OracleJobOptions
{
    /// <summary>The SQLite file, for <see cref="OracleBuilder.UseSqliteJobs"/>.</summary>
    /// <value>Default: null, which only an embedded ledger allows: a file beside it.</value>
    public string? File { get; init; }

    /// <summary>How PostgreSQL is reached, in Npgsql's words, for <see cref="OracleBuilder.UsePostgresJobs"/>. Name a <c>Passfile</c> rather than a password.</summary>
    /// <value>Default: null.</value>
    public string? Connection { get; init; }

    /// <summary>How many jobs a process works on at once.</summary>
    /// <value>1 to 256; default 4.</value>
    public int Parallelism { get; init; } = 4;

    /// <summary>How long a process has a job without a sign of life before another may take it.</summary>
    /// <value>3 seconds to 1 hour; default 1 minute. A lease is renewed at each third of it.</value>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>After how many failures of the oracle's own, or ends of a process in the middle of it, a job is set aside.</summary>
    /// <value>1 to 100; default 5.</value>
    public int MaxFailures { get; init; } = 5;

    /// <summary>The wait after the first failure; it doubles, and a random part of up to a half is taken off.</summary>
    /// <value>1 millisecond to 1 minute; default 1 second.</value>
    public TimeSpan FirstRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait before a job is looked at again.</summary>
    /// <value>From <see cref="FirstRetry"/> to 1 hour; default 5 minutes.</value>
    public TimeSpan LongestRetry { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long finished jobs are kept for the operator to see.</summary>
    /// <value>1 hour to 10 years; default 30 days.</value>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a process that is asked to stop goes on with the jobs that it has.</summary>
    /// <value>Zero to 10 minutes; default 20 seconds. The host's own limit (30 seconds) counts too.</value>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(20);
}
