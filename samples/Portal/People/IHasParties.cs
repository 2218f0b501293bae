namespace Phr.Samples.Portal;

/// <summary>Something that only its parties may see or act on.</summary>
public interface IHasParties
{
    /// <summary>Whether this person is one of them.</summary>
    bool HasParty(Party who);
}
