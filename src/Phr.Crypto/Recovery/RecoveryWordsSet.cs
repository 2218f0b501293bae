using System.Diagnostics;

namespace Phr.Crypto;

/// <summary>All lists of words of one backup, freshly made. It owns them.</summary>
/// <remarks>Hand each list to its member, by itself; together they are the secret. Thread safe until disposed.</remarks>
[DebuggerDisplay("{Shape}")]
public sealed class RecoveryWordsSet : IDisposable
{
    private readonly RecoveryWords[] _lists;

    internal RecoveryWordsSet(SharingShape shape, RecoveryWords[] lists)
    {
        Shape = shape;
        _lists = lists;
        Lists = Array.AsReadOnly(lists);
    }

    /// <summary>How many groups and members there are, and how many are needed.</summary>
    public SharingShape Shape { get; }

    /// <summary>Every list, by group and then by member. Owned by this object.</summary>
    public IReadOnlyList<RecoveryWords> Lists { get; }

    /// <summary>How many words each list has.</summary>
    public int WordCount => _lists[0].WordCount;

    /// <summary>The list of one member. Owned by this object.</summary>
    /// <param name="group">The group, from 1.</param>
    /// <param name="member">The member, from 1.</param>
    /// <returns>The list.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such group or member.</exception>
    public RecoveryWords For(int group, int member) => Array.Find(_lists, l => l.Group == group && l.Member == member)
        ?? throw new ArgumentOutOfRangeException(nameof(member), $"There is no member {member} of a group {group}.");

    /// <summary>Wipes every list.</summary>
    public void Dispose()
    {
        foreach (RecoveryWords list in _lists)
        {
            list.Dispose();
        }
    }

    /// <summary>The type's name; never a word.</summary>
    /// <returns><c>RecoveryWordsSet</c>.</returns>
    public override string ToString() => nameof(RecoveryWordsSet);
}
