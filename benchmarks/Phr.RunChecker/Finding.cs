namespace Phr.RunChecker;

/// <summary>One thing that should not have happened, or should have and did not.</summary>
internal sealed record Finding(FindingKind Kind, string Request, string Detail)
{
    public override string ToString() => $"{Kind}: request {Request[..Math.Min(12, Request.Length)]}: {Detail}";
}

/// <summary>What can be wrong with a run.</summary>
internal enum FindingKind
{
    /// <summary>A member delivered twice for one job.</summary>
    Double,

    /// <summary>A member signed two different deliveries for one job, on whatever branch of the chain.</summary>
    Contradiction,

    /// <summary>A delivery before its grant was final.</summary>
    Early,

    /// <summary>A delivery after the grant was taken back, the doctor lost the licence, or the request's time was over.</summary>
    AfterEnd,

    /// <summary>A delivery from a seat that the ledger did not draw.</summary>
    Stranger,

    /// <summary>A member of a grant that stands neither delivered nor refused.</summary>
    Lost,

    /// <summary>The ledger names a delivery that no store has.</summary>
    ObjectMissing,

    /// <summary>What should have been granted was not.</summary>
    NotGranted,

    /// <summary>What should not have been granted was.</summary>
    Granted,

    /// <summary>The doctor has not what was granted, or not as it was sealed.</summary>
    NotOpened,

    /// <summary>Somebody has a document that was not granted to him.</summary>
    OpenedUngranted,

    /// <summary>The chain and the driver do not speak of the same requests.</summary>
    Unaccounted,
}
