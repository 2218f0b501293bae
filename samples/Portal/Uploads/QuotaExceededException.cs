namespace Phr.Samples.Portal;

/// <summary>An upload would pass what its patient may store in all. Nothing of it is kept.</summary>
public sealed class QuotaExceededException : DeskException
{
    public QuotaExceededException()
    {
    }

    public QuotaExceededException(string message)
        : base(message)
    {
    }

    public QuotaExceededException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
