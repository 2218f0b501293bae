namespace Phr.Samples.Portal;

/// <summary>What the cloud server's operator decided about an account.</summary>
public enum Admission
{
    Pending = 0,
    Admitted,
    Blocked,
}
