using System.Collections.ObjectModel;

namespace Phr.Crypto;

/// <summary>What splitting a secret among groups gives: public commitments, and one secret share per member.</summary>
/// <remarks>Disposing it wipes all the shares, also those that were handed on. Thread safe until disposed.</remarks>
public sealed class GroupSharingResult : IDisposable
{
    internal GroupSharingResult(GroupCommitments commitments, GroupShare[] shares)
    {
        Commitments = commitments;
        Shares = new ReadOnlyCollection<GroupShare>(shares);
    }

    /// <summary>The commitments, which everybody may see.</summary>
    public GroupCommitments Commitments { get; }

    /// <summary>The shares, by group and then by member. Each is for its member alone.</summary>
    public IReadOnlyList<GroupShare> Shares { get; }

    /// <summary>Wipes all shares.</summary>
    public void Dispose()
    {
        foreach (GroupShare share in Shares)
        {
            share.Dispose();
        }
    }
}
