using System.Globalization;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Recovery;

/// <summary>Lists of words that belong to one backup, checked against one another.</summary>
internal sealed class WordsCollection
{
    private readonly RecoveryWords[] _lists;

    public WordsCollection(IEnumerable<RecoveryWords> lists)
    {
        ArgumentNullException.ThrowIfNull(lists);
        _lists = [.. lists];
        if (_lists.Length == 0 || Array.Exists(_lists, l => l is null))
        {
            throw new ArgumentException("There must be at least one list of words, and none may be null.", nameof(lists));
        }

        Header = _lists[0].Header;
        RequireOneBackup();
        RequireOneThresholdInEachGroup();
        RequireNoneTwice();
        var groups = new RecoveryGroupProgress[Header.GroupCount];
        for (int g = 0; g < groups.Length; g++)
        {
            RecoveryWords[] given = Of(g + 1);
            groups[g] = new RecoveryGroupProgress(g + 1, given.Length == 0 ? null : given[0].MemberThreshold, given.Length);
        }

        Progress = new RecoveryProgress(Header.GroupThreshold, groups);
    }

    public WordsHeader Header { get; }

    public RecoveryProgress Progress { get; }

    /// <summary>The encrypted secret. The caller disposes it.</summary>
    public SecretBytes Rebuild()
    {
        if (!Progress.IsComplete)
        {
            throw Fault(PhrDataReason.BelowThreshold, $"there are not enough lists: {Progress}.");
        }

        int length = _lists[0].SecretLength;
        int[] complete = [.. Progress.Groups.Where(g => g.IsComplete).Select(g => g.Group)];
        using var values = new SecretBytes(complete.Length * length);
        for (int i = 0; i < complete.Length; i++)
        {
            RebuildGroup(complete[i], values.Reveal().Slice(i * length, length));
        }

        byte[] places = [.. complete.Select(g => (byte)(g - 1))];
        var secret = new SecretBytes(length);
        int needed = Header.GroupThreshold;
        bool fits = ByteSharing.TryRebuild(places.AsSpan(0, needed), values.Reveal()[..(needed * length)], secret.Reveal());
        for (int i = needed; fits && i < places.Length; i++)
        {
            fits = ByteSharing.IsOnSamePolynomial(
                places.AsSpan(0, needed), values.Reveal()[..(needed * length)], places[i], values.Reveal().Slice(i * length, length));
        }

        if (fits)
        {
            return secret;
        }

        secret.Dispose();
        throw Fault(PhrDataReason.CommitmentMismatch, "the groups do not belong together, although each is complete: at least one is of another backup with the same identifier.");
    }

    private void RebuildGroup(int group, Span<byte> value)
    {
        RecoveryWords[] lists = Of(group);
        int needed = lists[0].MemberThreshold, length = value.Length;
        using var values = new SecretBytes(lists.Length * length);
        for (int i = 0; i < lists.Length; i++)
        {
            using SecretBytes share = lists[i].ReadValue();
            share.Reveal().CopyTo(values.Reveal()[(i * length)..]);
        }

        byte[] places = [.. lists.Select(l => (byte)(l.Member - 1))];
        bool fits = ByteSharing.TryRebuild(places.AsSpan(0, needed), values.Reveal()[..(needed * length)], value);
        for (int i = needed; fits && i < places.Length; i++)
        {
            fits = ByteSharing.IsOnSamePolynomial(
                places.AsSpan(0, needed), values.Reveal()[..(needed * length)], places[i], values.Reveal().Slice(i * length, length));
        }

        if (!fits)
        {
            throw Fault(
                PhrDataReason.CommitmentMismatch,
                string.Create(CultureInfo.InvariantCulture, $"the lists of group {group} do not belong together, although the words of each fit: at least one is of another backup with the same identifier."));
        }
    }

    // The lists that most agree with are taken for the backup that is meant.
    private void RequireOneBackup()
    {
        var main = _lists.GroupBy(l => (l.Header.Backup, l.WordCount)).OrderByDescending(g => g.Count()).First().First();
        for (int i = 0; i < _lists.Length; i++)
        {
            WordsHeader one = _lists[i].Header, other = main.Header;
            string? what =
                one.Identifier != other.Identifier ? "it is of another backup: its first two words differ from those of the others"
                : one.Extendable != other.Extendable || one.IterationExponent != other.IterationExponent ? "it is of another backup: its second word differs from that of the others"
                : one.GroupThreshold != other.GroupThreshold ? "it asks for another number of groups than the others"
                : one.GroupCount != other.GroupCount ? "it says that there are more or fewer groups than the others say"
                : _lists[i].WordCount != main.WordCount ? "it has another number of words than the others"
                : null;
            if (what is not null)
            {
                throw Fault(PhrDataReason.Mismatched, $"list {Place(i)}: {what}.");
            }
        }
    }

    private void RequireOneThresholdInEachGroup()
    {
        for (int i = 0; i < _lists.Length; i++)
        {
            int first = Array.FindIndex(_lists, l => l.Group == _lists[i].Group);
            if (_lists[first].MemberThreshold != _lists[i].MemberThreshold)
            {
                throw Fault(PhrDataReason.Mismatched, $"lists {Place(first)} and {Place(i)} are both of group {_lists[i].Group} and ask for different numbers of its members.");
            }
        }
    }

    private void RequireNoneTwice()
    {
        for (int i = 0; i < _lists.Length; i++)
        {
            int first = Array.FindIndex(_lists, l => l.Group == _lists[i].Group && l.Member == _lists[i].Member);
            if (first != i)
            {
                throw Fault(PhrDataReason.Duplicate, _lists[first].FixedTimeEquals(_lists[i])
                    ? $"lists {Place(first)} and {Place(i)} are the same; give that of another member."
                    : $"lists {Place(first)} and {Place(i)} are both of member {_lists[i].Member} of group {_lists[i].Group} and differ; one is of another backup.");
            }
        }
    }

    private RecoveryWords[] Of(int group) => [.. _lists.Where(l => l.Group == group).OrderBy(l => l.Member)];

    private static string Place(int index) => (index + 1).ToString(CultureInfo.InvariantCulture);

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(WordsFormat.Stage, reason, detail);
}
