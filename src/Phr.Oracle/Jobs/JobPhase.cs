namespace Phr.Oracle;

/// <summary>Where a job stands in the job store. The numbers are stored and never change.</summary>
public enum JobPhase
{
    /// <summary>It waits until it is due.</summary>
    Pending = 0,

    /// <summary>A process has it on lease.</summary>
    Running = 1,

    /// <summary>Finished: this oracle's delivery is on the ledger.</summary>
    Delivered = 2,

    /// <summary>Finished: this oracle's refusal is on the ledger.</summary>
    Refused = 3,

    /// <summary>Finished: nobody waits for it any more. The grant was revoked, used up or over, or the committee drawn anew.</summary>
    Ended = 4,

    /// <summary>It failed again and again by a fault of the oracle's own and is left alone, but for a refusal shortly before its deadline, until somebody asks for it again.</summary>
    SetAside = 5,
}
