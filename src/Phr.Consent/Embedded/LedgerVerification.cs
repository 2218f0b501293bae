using System.Diagnostics.CodeAnalysis;

namespace Phr.Consent;

/// <summary>What <see cref="EmbeddedConsentLedger.VerifyAsync(IProgress{ulong}, CancellationToken)"/> found when it replayed a ledger.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class LedgerVerification
{
    private LedgerVerification(ulong verifiedEntries, ulong? firstBadEntry, string? what)
    {
        VerifiedEntries = verifiedEntries;
        FirstBadEntry = firstBadEntry;
        What = what;
    }

    /// <summary>Whether every entry is what an honest operator would have written.</summary>
    [MemberNotNullWhen(false, nameof(FirstBadEntry), nameof(What))]
    public bool IsValid => FirstBadEntry is null;

    /// <summary>How many entries were verified: all of them, or those before the first bad one.</summary>
    public ulong VerifiedEntries { get; }

    /// <summary>The number of the first entry that does not hold, 0 for the genesis; null when all hold. Nothing after it means anything.</summary>
    public ulong? FirstBadEntry { get; }

    /// <summary>What is wrong with that entry, in a sentence for a person; null when all hold.</summary>
    public string? What { get; }

    /// <inheritdoc/>
    public override string ToString() => IsValid ? $"{VerifiedEntries} entries, all valid" : $"entry {FirstBadEntry}: {What}";

    internal static LedgerVerification Valid(ulong entries) => new(entries, null, null);

    internal static LedgerVerification Bad(ulong entry, string what) => new(entry == 0 ? 0 : entry - 1, entry, what);
}
