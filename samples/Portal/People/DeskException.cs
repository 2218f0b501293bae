namespace Phr.Samples.Portal;

/// <summary>Something that a person asked for cannot be done now. The message is for them: what happened, and what to do.</summary>
public class DeskException : Exception
{
    public DeskException()
    {
    }

    public DeskException(string message)
        : base(message)
    {
    }

    public DeskException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
