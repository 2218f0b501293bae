namespace Phr.Oracle;

/// <summary>A job that one process has for a while. What is written with a lease that ran out and was given to another is refused.</summary>
/// <param name="Job">The job as it was leased.</param>
/// <param name="Token">Counts the leases of the job; tells this one from earlier and later ones.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record JobLease(OracleJob Job, long Token);
