namespace Phr.Oracle.Telemetry;

/// <summary>The numbers of the log's events. They never change; docs/operations/oracle.md says what each means.</summary>
internal static class EventIds
{
    public const int JobLookedAt = 1001;
    public const int NotSettled = 1002;
    public const int Started = 1101;
    public const int Opened = 1102;
    public const int Stopping = 1103;
    public const int Stopped = 1104;
    public const int OpeningFailed = 1105;
    public const int PartFailed = 1201;
    public const int PartWorks = 1202;
    public const int LoopFailed = 1203;
    public const int IpfsFault = 1204;
    public const int JobsFound = 1301;
    public const int JobFinished = 1302;
    public const int JobPostponed = 1303;
    public const int JobFailed = 1304;
    public const int JobSetAside = 1305;
    public const int LeaseLost = 1306;
    public const int JobNotRecorded = 1307;
    public const int JobLimited = 1308;
    public const int KeyEnding = 1401;
    public const int NotActive = 1402;
    public const int PassphraseOpen = 1403;
    public const int CredentialOpen = 1404;
    public const int SecretsUnusable = 1405;
}
