using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>A member's signed question to the other members: help me open what was granted to the team in this request.</summary>
/// <remarks>
/// Canonical CBOR [tag, payload, signature by the member's object key]; payload is the array of ledger, team, charter digest, key epoch,
/// request, receiving key, member, reply key and the points. It names each point's source, so that nobody multiplies a point that it
/// did not find in a granted approval or a recorded delivery itself. Immutable and thread safe.
/// </remarks>
public sealed class TeamOpeningRequest
{
    /// <summary>Longest encoding in bytes: 262,144.</summary>
    public const int MaxLength = 1 << 18;

    /// <summary>Most points in one request: 2,560.</summary>
    public const int MaxPoints = 2560;

    private const string Tag = "phr/team-opening/v1";
    private const string Stage = "team opening";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;

    private TeamOpeningRequest(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        Digest = Digest.Of(bytes);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(9);
        Ledger = reader.LedgerId();
        Team = reader.ActorId();
        CharterDigest = reader.Digest();
        KeyEpoch = reader.Int32(TeamPlan.MaxEpoch);
        Request = reader.RequestId();
        ReceivingKey = reader.PublicKey();
        Member = reader.ActorId();
        ReplyKey = reader.PublicKey();
        var points = new TeamPoint[reader.BeginList(MaxPoints)];
        for (int i = 0; i < points.Length; i++)
        {
            reader.BeginArray(3);
            Digest source = reader.Digest();
            byte[] document = reader.Bytes(DocumentId.Length);
            if (document.Length is not 0 and not DocumentId.Length)
            {
                throw reader.Fault(PhrDataReason.WrongLength, "a document's id has not its 16 bytes.");
            }

            points[i] = TeamPoint.Read(source, document.Length == 0 ? null : DocumentId.FromBytes(document), reader.PublicKey());
            reader.EndArray();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        if (points.Length == 0 || points.DistinctBy(p => p.Point).Count() != points.Length)
        {
            throw reader.Fault(PhrDataReason.Duplicate, "it has no point, or one twice.");
        }

        Points = new ReadOnlyCollection<TeamPoint>(points);
    }

    /// <summary>The ledger.</summary>
    public LedgerId Ledger { get; }

    /// <summary>The team.</summary>
    public ActorId Team { get; }

    /// <summary>The charter under which the members work.</summary>
    public Digest CharterDigest { get; }

    /// <summary>The epoch of the team's key.</summary>
    public int KeyEpoch { get; }

    /// <summary>The granted request.</summary>
    public RequestId Request { get; }

    /// <summary>Its receiving key.</summary>
    public PublicKey ReceivingKey { get; }

    /// <summary>Who asks.</summary>
    public ActorId Member { get; }

    /// <summary>A key made for this question alone; the answers are sealed to it.</summary>
    public PublicKey ReplyKey { get; }

    /// <summary>The points.</summary>
    public IReadOnlyList<TeamPoint> Points { get; }

    /// <summary>SHA-256 of the exact bytes; the answers are bound to it.</summary>
    public Digest Digest { get; }

    /// <summary>Makes and signs a question.</summary>
    /// <param name="member">The keys of the member who asks.</param>
    /// <param name="charter">The team's present charter.</param>
    /// <param name="terms">What to open.</param>
    /// <param name="replyKey">A key drawn for this question alone; the caller keeps its secret until the answers are there, then disposes it.</param>
    /// <returns>The question.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The keys are of no member, the team has no such key, or there is no point, one twice, or too many.</exception>
    public static TeamOpeningRequest Create(IdentityKeys member, TeamCharter charter, TeamOpeningTerms terms, SecretKey replyKey)
    {
        ArgumentNullException.ThrowIfNull(member);
        ArgumentNullException.ThrowIfNull(charter);
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(replyKey);
        if (charter.FindMember(member.Id)?.ObjectKey != member.PublicKeys.ObjectKey)
        {
            throw new ArgumentException("These keys are of no member of the team.", nameof(member));
        }

        if (charter.FindKey(terms.KeyEpoch) is null || terms.Points.Count is 0 or > MaxPoints || terms.Points.DistinctBy(p => p.Point).Count() != terms.Points.Count)
        {
            throw new ArgumentException($"The team has the key, and there are 1 to {MaxPoints} points, each once.", nameof(terms));
        }

        var payload = new CanonicalCborWriter();
        payload.Array(9).Id(charter.Plan.Ledger).Id(charter.Team).Id(charter.Digest).UInt64((ulong)terms.KeyEpoch).Id(terms.Request)
            .Key(terms.ReceivingKey).Id(member.Id).Key(replyKey.PublicKey).Array(terms.Points.Count);
        foreach (TeamPoint point in terms.Points)
        {
            payload.Array(3).Id(point.Source).Bytes(point.Document is { } document ? document.ToBytes() : []).Key(point.Point).EndArray();
        }

        return new TeamOpeningRequest(SignedObject.Sign(Tag, payload.EndArray().EndArray().ToBytes(), member.ObjectSigner));
    }

    /// <summary>Reads a question: canonical form, shape and limits.</summary>
    /// <param name="bytes">At most 262,144 bytes.</param>
    /// <returns>The question.</returns>
    /// <exception cref="PhrDataException">The bytes are not a question.</exception>
    public static TeamOpeningRequest FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a question, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="request">The question, or null.</param>
    /// <returns>Whether the bytes were a question.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TeamOpeningRequest? request)
    {
        try
        {
            request = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            request = null;
            return false;
        }
    }

    /// <summary>Verifies that a present member asks, under the team's present charter and about a key that it has.</summary>
    /// <param name="charter">The team's present charter.</param>
    /// <exception cref="ArgumentNullException"><paramref name="charter"/> is null.</exception>
    /// <exception cref="PhrDataException">Who asks is no member (<see cref="PhrDataReason.NotFound"/>), the charter or key is another (<see cref="PhrDataReason.Mismatched"/>), or the signature is bad.</exception>
    public void Verify(TeamCharter charter)
    {
        ArgumentNullException.ThrowIfNull(charter);
        if (charter.FindMember(Member) is not { } member)
        {
            throw new PhrDataException(Stage, PhrDataReason.NotFound, "who asks is no member of the team.");
        }

        if (Team != charter.Team || Ledger != charter.Plan.Ledger || CharterDigest != charter.Digest || charter.FindKey(KeyEpoch) is null)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it is about another team, charter or key.");
        }

        if (!_parts.Verify(member.ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "it is not signed by the member who asks.");
        }
    }

    /// <summary>Writes the question.</summary>
    /// <returns>A new array with the exact bytes.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();
}
