using System.Diagnostics.CodeAnalysis;

namespace Phr.Consent;

/// <summary>What <see cref="ConsentState.Decide"/> answers: the events that a command causes, or why it is refused.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class LedgerDecision
{
    private LedgerDecision(IReadOnlyList<LedgerEvent>? events, LedgerError error, string? message, AccessRuleLeaf? leaf)
    {
        Events = events;
        Error = error;
        Message = message;
        FailingLeaf = leaf;
    }

    /// <summary>Whether the command is accepted.</summary>
    [MemberNotNullWhen(true, nameof(Events))]
    [MemberNotNullWhen(false, nameof(Message))]
    public bool IsAccepted => Events is not null;

    /// <summary>What changes, in order; null when refused.</summary>
    public IReadOnlyList<LedgerEvent>? Events { get; }

    /// <summary>Why it is refused; <see cref="LedgerError.None"/> when accepted.</summary>
    public LedgerError Error { get; }

    /// <summary>One sentence for a person; null when accepted.</summary>
    public string? Message { get; }

    /// <summary>The condition that failed, when the access rule refused; else null.</summary>
    public AccessRuleLeaf? FailingLeaf { get; }

    /// <summary>The refusal as an exception.</summary>
    /// <returns>The exception, to be thrown.</returns>
    /// <exception cref="InvalidOperationException">The command is accepted.</exception>
    public LedgerRejectedException ToException() =>
        IsAccepted ? throw new InvalidOperationException("An accepted command is no refusal.") : new LedgerRejectedException(Error, Message, FailingLeaf);

    internal static LedgerDecision Accept(IReadOnlyList<LedgerEvent> events) => new(events, LedgerError.None, null, null);

    internal static LedgerDecision Refuse(LedgerError error, string message, AccessRuleLeaf? leaf = null) => new(null, error, message, leaf);
}
