using Microsoft.Extensions.Logging;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Oracle.Telemetry;

/// <summary>
/// Every line that the service writes. No line has personal data or secrets: requests by their ids, no patient, no doctor; faults as <see cref="Fault"/> describes them, never an exception
/// with whatever its message holds.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(EventIds.Started, LogLevel.Information, "Oracle {Oracle} starts as process {Process}.")]
    public static partial void Started(ILogger logger, ActorId oracle, string process);

    [LoggerMessage(EventIds.Opened, LogLevel.Information, "The ledger {Ledger}, the stores and the jobs are open.")]
    public static partial void Opened(ILogger logger, LedgerId ledger);

    [LoggerMessage(EventIds.Stopping, LogLevel.Information, "Stopping: {InHand} jobs in hand are given {Grace} to finish.")]
    public static partial void Stopping(ILogger logger, int inHand, TimeSpan grace);

    [LoggerMessage(EventIds.Stopped, LogLevel.Information, "Stopped. {Released} leases were given back.")]
    public static partial void Stopped(ILogger logger, int released);

    [LoggerMessage(EventIds.OpeningFailed, LogLevel.Error, "A part cannot be opened, next try in {Wait}: {Fault}")]
    public static partial void OpeningFailed(ILogger logger, TimeSpan wait, string fault);

    [LoggerMessage(EventIds.PartFailed, LogLevel.Warning, "The {Part} stopped working: {Fault}")]
    public static partial void PartFailed(ILogger logger, string part, string fault);

    [LoggerMessage(EventIds.PartWorks, LogLevel.Information, "The {Part} works again.")]
    public static partial void PartWorks(ILogger logger, string part);

    [LoggerMessage(EventIds.LoopFailed, LogLevel.Warning, "The loop that does '{Loop}' failed {Failures} times in a row, next try in {Wait}: {Fault}")]
    public static partial void LoopFailed(ILogger logger, string loop, int failures, TimeSpan wait, string fault);

    [LoggerMessage(EventIds.IpfsFault, LogLevel.Warning, "The IPFS endpoint {Endpoint} gave a bad answer: {Kind}. Untold since the last such line: {Untold}.")]
    public static partial void IpfsFault(ILogger logger, string endpoint, IpfsFaultKind kind, int untold);

    [LoggerMessage(EventIds.JobsFound, LogLevel.Information, "{Count} jobs found on the ledger.")]
    public static partial void JobsFound(ILogger logger, int count);

    [LoggerMessage(EventIds.JobFinished, LogLevel.Information, "Job {Job} is {Phase}. {Reason}")]
    public static partial void JobFinished(ILogger logger, JobKey job, JobPhase phase, string reason);

    [LoggerMessage(EventIds.JobPostponed, LogLevel.Debug, "Job {Job} is looked at again at {DueAt:u} ({Delay}): {Reason}")]
    public static partial void JobPostponed(ILogger logger, JobKey job, DateTimeOffset dueAt, JobDelay delay, string reason);

    [LoggerMessage(EventIds.JobFailed, LogLevel.Warning, "Job {Job} failed, {Failures} times so far: {Fault}")]
    public static partial void JobFailed(ILogger logger, JobKey job, int failures, string fault);

    [LoggerMessage(EventIds.JobSetAside, LogLevel.Error, "Job {Job} is set aside until somebody asks for it again, and refused at {RefuseAt:u}: {Reason}")]
    public static partial void JobSetAside(ILogger logger, JobKey job, DateTimeOffset refuseAt, string reason);

    [LoggerMessage(EventIds.LeaseLost, LogLevel.Warning, "The lease of job {Job} ran out; another process may have it.")]
    public static partial void LeaseLost(ILogger logger, JobKey job);

    [LoggerMessage(EventIds.JobNotRecorded, LogLevel.Warning, "What became of job {Job} could not be recorded; its lease runs out by itself: {Fault}")]
    public static partial void JobNotRecorded(ILogger logger, JobKey job, string fault);

    [LoggerMessage(EventIds.JobLimited, LogLevel.Information, "Job {Job} waits until {Until:u}: its requester asked for more than one is served.")]
    public static partial void JobLimited(ILogger logger, JobKey job, DateTimeOffset until);

    [LoggerMessage(EventIds.KeyEnding, LogLevel.Warning, "The oracle's key record ends at {ValidUntil:u}: renew it.")]
    public static partial void KeyEnding(ILogger logger, DateTimeOffset validUntil);

    [LoggerMessage(EventIds.NotActive, LogLevel.Warning, "The oracle cannot act on the ledger: {Obstacle}")]
    public static partial void NotActive(ILogger logger, string obstacle);

    [LoggerMessage(EventIds.PassphraseOpen, LogLevel.Warning, "The passphrase file can be read by every user of this machine.")]
    public static partial void PassphraseOpen(ILogger logger);

    [LoggerMessage(EventIds.CredentialOpen, LogLevel.Warning, "The file with the credential for the IPFS nodes can be read by every user of this machine.")]
    public static partial void CredentialOpen(ILogger logger);

    [LoggerMessage(EventIds.SecretsUnusable, LogLevel.Error, "The folder with the oracle's secrets cannot be used: {Fault} Let the service's user own it with all that is in it, and see that its disk works and has room. Jobs wait, and are refused shortly before their deadlines.")]
    public static partial void SecretsUnusable(ILogger logger, string fault);
}
