namespace Phr.Crypto;

/// <summary>A dealing that belongs to its header and whose every commitment was checked. Made only by <see cref="Dealing.Verify(BundleHeader)"/> and its overload for reshared dealings.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class VerifiedDealing
{
    private readonly Dictionary<DocumentId, int> _places;
    private readonly PolicySeat[] _seats;
    private readonly Lazy<KeccakTree> _evidence;

    internal VerifiedDealing(Dealing dealing, BundleHeader header)
    {
        Dealing = dealing;
        Header = header;
        _places = Enumerable.Range(0, header.Documents.Count).ToDictionary(i => header.Documents[i].Id);
        _seats = [.. dealing.Policy.Seats];
        _evidence = new Lazy<KeccakTree>(() => new KeccakTree([.. Enumerable.Range(0, PlaceCount).Select(place => EvidenceLeaf.OfTerms(TermsAt(place)))]));
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

    /// <summary>
    /// The root over what capsule fragments are checked against: for every document in the header's order, for the patient and then every trustee in the policy's order, the leaf
    /// keccak256(0x00 || capsule || A_i || address of the signer key). A request pins it, trustees and oracles compare, and a contract looks into it in a dispute.
    /// </summary>
    /// <remarks>Worked out at first use: one evaluation of the commitments for each document and trustee. Same tree as <see cref="DeliveryStatement.ComputeRoot"/>.</remarks>
    public Digest EvidenceRoot => _evidence.Value.Root;

    /// <summary>The place of a document and trustee: document · (trustees + 1) + trustee, both counted from 0, the patient before all trustees.</summary>
    /// <param name="document">The document.</param>
    /// <param name="group">The group's index from 1, or 0 for the patient itself.</param>
    /// <param name="member">The member's index from 1, or 0 for the patient itself.</param>
    /// <returns>The place, or null when the dealing has no such document or trustee.</returns>
    public int? FindPlace(DocumentId document, int group, int member)
    {
        int seat = group == 0 && member == 0 ? 0 : 1 + Array.FindIndex(_seats, s => s.Group == group && s.Member == member);
        return _places.TryGetValue(document, out int place) && (seat > 0 || (group == 0 && member == 0)) ? (place * (_seats.Length + 1)) + seat : null;
    }

    /// <summary>How many places there are.</summary>
    internal int PlaceCount => Header.Documents.Count * (_seats.Length + 1);

    internal KeccakTree Evidence => _evidence.Value;

    /// <summary>What is at a place; null when there is no such place.</summary>
    internal (DocumentId Document, int Group, int Member)? AtPlace(int place)
    {
        if (place < 0 || place >= PlaceCount)
        {
            return null;
        }

        (int document, int seat) = Math.DivRem(place, _seats.Length + 1);
        return (Header.Documents[document].Id, seat == 0 ? 0 : _seats[seat - 1].Group, seat == 0 ? 0 : _seats[seat - 1].Member);
    }

    internal PublicKey SignerKeyOf(int group, int member) => group == 0 ? Dealing.PatientSignerKey : Dealing.Policy.FindMember(group, member)!.SignerKey;

    internal byte[] TermsAt(int place)
    {
        (DocumentId document, int group, int member) = AtPlace(place)!.Value;
        return EvidenceLeaf.Terms(FindDocument(document)!.Capsule, FindMemberKey(document, group, member)!, SignerKeyOf(group, member));
    }

    internal BundleDocument? FindDocument(DocumentId document) =>
        _places.TryGetValue(document, out int place) ? Header.Documents[place] : null;

    internal PublicKey CommitmentOf(DocumentId document, int group, int member)
    {
        return Dealing.Documents[_places[document]].Members[Dealing.Policy.PlaceOf(group, member)].Commitment;
    }
}
