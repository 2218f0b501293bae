using System.Diagnostics;

namespace Phr.Crypto;

/// <summary>The key fragments that one trustee made for one oracle, opened and checked by that oracle.</summary>
/// <remarks>Secret; wiped when disposed, which an oracle does as soon as it has delivered.</remarks>
[DebuggerDisplay("OpenedFragments")]
public sealed class OpenedFragments : IDisposable
{
    private readonly IReadOnlyList<(DocumentId Document, VerifiedKeyFrag KeyFrag)> _fragments;

    internal OpenedFragments(VerifiedApproval approval, int index, IReadOnlyList<(DocumentId Document, VerifiedKeyFrag KeyFrag)> fragments)
    {
        Approval = approval;
        Index = index;
        _fragments = fragments;
    }

    /// <summary>The approval that the fragments belong to.</summary>
    public VerifiedApproval Approval { get; }

    /// <summary>The oracle's seat, from 1.</summary>
    public int Index { get; }

    /// <summary>Wipes the fragments.</summary>
    public void Dispose()
    {
        foreach ((_, VerifiedKeyFrag keyFrag) in _fragments)
        {
            keyFrag.Dispose();
        }
    }

    /// <summary>The type's name; never a fragment.</summary>
    /// <returns><c>OpenedFragments</c>.</returns>
    public override string ToString() => nameof(OpenedFragments);

    /// <summary>Re-encrypts each document's one capsule, taken from the header that the grant pins and from nowhere else.</summary>
    internal IEnumerable<DeliveredFragment> Reencrypt()
    {
        foreach ((DocumentId id, VerifiedKeyFrag keyFrag) in _fragments)
        {
            Capsule capsule = Approval.Dealing.FindDocument(id)!.Capsule;
            int place = Approval.Dealing.FindPlace(id, Approval.Approval.Group, Approval.Approval.Member)!.Value;
            yield return new DeliveredFragment(place, Umbral.Reencrypt(capsule, keyFrag).ToSimpleBytes());
        }
    }
}
