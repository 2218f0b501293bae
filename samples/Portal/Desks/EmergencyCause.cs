namespace Phr.Samples.Portal;

/// <summary>Why a doctor asks in an emergency: the code that the ledger records for everybody to see. It says nothing of the illness. The numbers never change.</summary>
public enum EmergencyCause
{
    /// <summary>None was chosen.</summary>
    None = 0,

    /// <summary>The patient cannot answer, and treatment cannot wait.</summary>
    CannotAnswer = 1,

    /// <summary>The patient's life is in danger.</summary>
    LifeInDanger = 2,

    /// <summary>Lasting harm threatens without treatment now.</summary>
    LastingHarm = 3,

    /// <summary>Many people were hurt at once.</summary>
    ManyHurt = 4,
}
