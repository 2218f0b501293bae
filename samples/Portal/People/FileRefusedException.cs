namespace Phr.Samples.Portal;

/// <summary>A file is not taken because of what is in it. Nothing of it is kept; the message says what is the matter, and what to choose.</summary>
public sealed class FileRefusedException : DeskException
{
    public FileRefusedException()
    {
    }

    public FileRefusedException(string message)
        : base(message)
    {
    }

    public FileRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
