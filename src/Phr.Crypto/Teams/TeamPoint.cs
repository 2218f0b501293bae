namespace Phr.Crypto;

/// <summary>A point that a member asks the others to multiply, and where it is from, so that they can look for themselves.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record TeamPoint
{
    private TeamPoint(Digest source, DocumentId? document, PublicKey point)
    {
        Source = source;
        Document = document;
        Point = point;
    }

    /// <summary>The digest of the approval or of the sealed delivery that the point is from.</summary>
    public Digest Source { get; }

    /// <summary>The document whose fragments' precursor it is; null for a sealed delivery.</summary>
    public DocumentId? Document { get; }

    /// <summary>The point.</summary>
    public PublicKey Point { get; }

    /// <summary>The points of an approval: the precursor of each document's fragments.</summary>
    /// <param name="approval">The approval.</param>
    /// <returns>One point per document.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="approval"/> is null.</exception>
    public static IReadOnlyList<TeamPoint> Of(TrusteeApproval approval)
    {
        ArgumentNullException.ThrowIfNull(approval);
        return [.. approval.Documents.Select(d => new TeamPoint(approval.Digest, d.Id, d.Precursor))];
    }

    /// <summary>The point of a sealed delivery: E + V of its envelope's capsule.</summary>
    /// <param name="envelope">The sealed bytes.</param>
    /// <returns>The point.</returns>
    /// <exception cref="PhrDataException">The bytes are no envelope.</exception>
    public static TeamPoint OfDelivery(ReadOnlySpan<byte> envelope)
    {
        if (envelope.Length < Envelope.MinLength || !Capsule.TryFromSimpleBytes(envelope[..Capsule.Length], out Capsule? capsule))
        {
            throw new PhrDataException("envelope", PhrDataReason.InvalidProof, "the capsule is malformed or fails its self-check.");
        }

        return new TeamPoint(Digest.Of(envelope), null, new PublicKey(capsule.E + capsule.V));
    }

    internal static TeamPoint Read(Digest source, DocumentId? document, PublicKey point) => new(source, document, point);
}
