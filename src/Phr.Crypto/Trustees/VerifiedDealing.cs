namespace Phr.Crypto;

/// <summary>A dealing that belongs to its header and whose every commitment was checked. Made only by <see cref="Dealing.Verify(BundleHeader)"/> and its overload for reshared dealings.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class VerifiedDealing
{
    private readonly Dictionary<DocumentId, int> _places;

    internal VerifiedDealing(Dealing dealing, BundleHeader header)
    {
        Dealing = dealing;
        Header = header;
        _places = Enumerable.Range(0, header.Documents.Count).ToDictionary(i => header.Documents[i].Id);
    }

    /// <summary>The dealing.</summary>
    public Dealing Dealing { get; }

    /// <summary>The header that it belongs to.</summary>
    public BundleHeader Header { get; }

    /// <summary>The public key of one trustee's share of one document (A_i).</summary>
    /// <param name="document">The document.</param>
    /// <param name="group">The group's index from 1, or 0 for the patient itself.</param>
    /// <param name="member">The member's index from 1, or 0 for the patient itself.</param>
    /// <returns>The key, or null when the dealing has no such document or trustee.</returns>
    public PublicKey? FindMemberKey(DocumentId document, int group, int member)
    {
        if (!_places.TryGetValue(document, out int place))
        {
            return null;
        }

        if (group == 0 && member == 0)
        {
            return Header.Documents[place].DelegatingKey;
        }

        return Dealing.Policy.FindMember(group, member) is null ? null : Dealing.Documents[place].Commitments.MemberKey(group, member);
    }

    internal BundleDocument? FindDocument(DocumentId document) =>
        _places.TryGetValue(document, out int place) ? Header.Documents[place] : null;

    internal PublicKey CommitmentOf(DocumentId document, int group, int member)
    {
        return Dealing.Documents[_places[document]].Members[Dealing.Policy.PlaceOf(group, member)].Commitment;
    }
}
