using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

namespace Phr.Crypto;

/// <summary>What a drill showed: who of the trustees has answered, and whether together they open the test document.</summary>
/// <remarks>
/// Each answer is proved against the trustee's public share, and the dealing's commitments tie all public shares to the document's key: so every quorum among those who answered opens it, not only the one that is tried here.
/// Immutable and thread safe.
/// </remarks>
public sealed class DrillReport
{
    private readonly Dictionary<PolicySeat, Point> _parts;
    private readonly VerifiedDealing _dealing;

    private DrillReport(VerifiedDealing dealing, DocumentId document, Dictionary<PolicySeat, Point> parts)
    {
        _dealing = dealing;
        _parts = parts;
        Document = document;
        Answered = [.. dealing.Dealing.Policy.Seats.Where(parts.ContainsKey)];
        Silent = [.. dealing.Dealing.Policy.Seats.Where(s => !parts.ContainsKey(s))];
        IsSatisfied = dealing.Dealing.Policy.Shape.IsSatisfiedBy(Answered.Select(s => s.Indices));
    }

    /// <summary>The test document.</summary>
    public DocumentId Document { get; }

    /// <summary>The trustees who answered, in policy order.</summary>
    public IReadOnlyList<PolicySeat> Answered { get; }

    /// <summary>The trustees who did not, in policy order.</summary>
    public IReadOnlyList<PolicySeat> Silent { get; }

    /// <summary>Whether those who answered satisfy the policy.</summary>
    public bool IsSatisfied { get; }

    /// <summary>Counts the answers of a drill.</summary>
    /// <param name="dealing">The dealing that is tried.</param>
    /// <param name="document">The test document.</param>
    /// <param name="answers">The answers; a trustee's second one is passed over.</param>
    /// <returns>The report.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The bundle has no such test document, or an answer is of another dealing or document.</exception>
    public static DrillReport Create(VerifiedDealing dealing, DocumentId document, IEnumerable<VerifiedDrillAnswer> answers)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        ArgumentNullException.ThrowIfNull(answers);
        if (DrillAnswer.FindTest(dealing, document) is null)
        {
            throw new ArgumentException($"The bundle has no test document {document}.", nameof(document));
        }

        var parts = new Dictionary<PolicySeat, Point>();
        foreach (VerifiedDrillAnswer answer in answers)
        {
            if (answer.Answer.Document != document || answer.Answer.DealingDigest != dealing.Dealing.Digest)
            {
                throw new ArgumentException("An answer is of another dealing or document.", nameof(answers));
            }

            parts.TryAdd(answer.Answer.Seat, answer.Part);
        }

        return new DrillReport(dealing, document, parts);
    }

    /// <summary>Combines the answers into the test document's key, with which anybody opens its content.</summary>
    /// <param name="key">The key, or null when too few answered. The caller disposes it.</param>
    /// <returns>Whether enough answered.</returns>
    /// <exception cref="PhrDataException">The key does not open the header's entry, although every answer is proved: the entry was sealed badly.</exception>
    public bool TryOpen([NotNullWhen(true)] out DocumentKey? key)
    {
        key = null;
        if (!IsSatisfied)
        {
            return false;
        }

        Point sum = Point.Identity;
        foreach ((int group, int member, Scalar coefficient) in GroupLagrange.Coefficients(_dealing.Dealing.Policy.Shape, Answered.Select(s => s.Indices)))
        {
            sum += _parts[new PolicySeat(group, member)] * coefficient;
        }

        using var shared = new SecretBytes(Point.Length);
        sum.WriteBytes(shared.Reveal());
        using var capsuleKey = new CapsuleKey(shared);
        key = _dealing.Header.UnwrapKey(Document, capsuleKey);
        return true;
    }
}
