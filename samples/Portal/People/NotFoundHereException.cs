namespace Phr.Samples.Portal;

/// <summary>There is no such thing, or it is not for this person: the two are not told apart. The browser gets 404.</summary>
public sealed class NotFoundHereException : Exception
{
    public NotFoundHereException()
        : base("There is nothing here for you.")
    {
    }

    public NotFoundHereException(string message)
        : base(message)
    {
    }

    public NotFoundHereException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
