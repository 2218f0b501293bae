using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Phr.Crypto.Hashing;
using Phr.Crypto.Keys;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>A member's answer to an opening request: every point times the member's share, with one proof that it is so.</summary>
/// <remarks>
/// Canonical CBOR [tag, payload, signature by the member's object key]; payload is the array of opening digest, member, results and
/// proof. It travels sealed to the question's reply key, with the request's own secret when the member has it and hands it on.
/// Immutable and thread safe.
/// </remarks>
public sealed class TeamPartial
{
    /// <summary>Longest encoding in bytes: 131,072.</summary>
    public const int MaxLength = 1 << 17;

    private const string Tag = "phr/team-partial/v1";
    private const string Stage = "team partial result";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;

    private TeamPartial(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(4);
        OpeningDigest = reader.Digest();
        Member = reader.ActorId();
        PublicKey[] results = reader.PublicKeys(reader.BeginList(TeamOpeningRequest.MaxPoints));
        reader.EndArray();
        Proof = DleqProof.TryFromBytes(reader.BytesExactly(DleqProof.Length), out DleqProof? proof)
            ? proof
            : throw reader.Fault(PhrDataReason.InvalidScalar, "a scalar of the proof is zero or not below the group order.");
        reader.EndArray();
        reader.End();
        Results = new ReadOnlyCollection<PublicKey>(results);
    }

    /// <summary>The question that it answers.</summary>
    public Digest OpeningDigest { get; }

    /// <summary>Who answers.</summary>
    public ActorId Member { get; }

    /// <summary>The results, in the order of the question's points.</summary>
    public IReadOnlyList<PublicKey> Results { get; }

    /// <summary>That all results are by the share that the charter commits the member to.</summary>
    public DleqProof Proof { get; }

    /// <summary>Answers a question. <b>The caller has looked every point up itself</b>: whoever multiplies any point that it is given hands out what opens anything.</summary>
    /// <param name="opening">The question.</param>
    /// <param name="charter">The team's present charter.</param>
    /// <param name="helper">Who answers: the member's keys, its shares under the charter, and the request's own secret if it hands that on.</param>
    /// <returns>The answer, sealed to the question's reply key.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The keys or shares are of no member under this charter, or the secret is not the request's.</exception>
    /// <exception cref="PhrDataException">The question fails <see cref="TeamOpeningRequest.Verify"/>.</exception>
    /// <remarks>Cost: two multiplications per point.</remarks>
    public static byte[] Answer(TeamOpeningRequest opening, TeamCharter charter, TeamHelper helper) => Answer(opening, charter, helper, RandomSource.System);

    /// <summary>Reads an answer: canonical form, shape and limits. Whether it is right, <see cref="TeamOpening"/> finds out.</summary>
    /// <param name="bytes">At most 131,072 bytes.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="PhrDataException">The bytes are not an answer.</exception>
    public static TeamPartial FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads an answer, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="partial">The answer, or null.</param>
    /// <returns>Whether the bytes were an answer.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TeamPartial? partial)
    {
        try
        {
            partial = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            partial = null;
            return false;
        }
    }

    /// <summary>Writes the answer, unsealed.</summary>
    /// <returns>A new array with the exact bytes.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    /// <summary>Answers; the hook lets a test answer wrongly.</summary>
    internal static byte[] Answer(TeamOpeningRequest opening, TeamCharter charter, TeamHelper helper, RandomSource random, Action<PublicKey[]>? tamper = null)
    {
        ArgumentNullException.ThrowIfNull(opening);
        ArgumentNullException.ThrowIfNull(charter);
        ArgumentNullException.ThrowIfNull(helper);
        opening.Verify(charter);
        helper.Shares.RequireOf(charter);
        if (charter.FindMember(helper.Identity.Id) is not { } self || self.ObjectKey != helper.Identity.PublicKeys.ObjectKey || self.Index != helper.Shares.Index)
        {
            throw new ArgumentException("These keys or shares are of no member under this charter.", nameof(helper));
        }

        TeamKey key = charter.FindKey(opening.KeyEpoch)!;
        if (helper.RequestKey is { } given && TeamRequestKey.RequestPart(key.PublicKey, opening.ReceivingKey) != given.PublicKey)
        {
            throw new ArgumentException("The secret is not the request's.", nameof(helper));
        }

        Scalar share = helper.Shares.Find(opening.KeyEpoch)!.Scalar;
        PublicKey[] points = [.. opening.Points.Select(p => p.Point)];
        var results = new PublicKey[points.Length];
        for (int i = 0; i < points.Length; i++)
        {
            results[i] = new PublicKey(points[i].Point * share);
        }

        tamper?.Invoke(results);
        DleqProof proof = BatchDleq.Create(share, key.Commitments.ShareKey(self.Index), points, results, Context(opening, self.Identity), random);
        var payload = new CanonicalCborWriter();
        payload.Array(4).Id(opening.Digest).Id(self.Identity).Array(results.Length);
        foreach (PublicKey result in results)
        {
            payload.Key(result);
        }

        byte[] signed = SignedObject.Sign(Tag, payload.EndArray().Bytes(proof.ToBytes()).EndArray().ToBytes(), helper.Identity.ObjectSigner);
        byte[] plaintext = GC.AllocateArray<byte>(1 + (helper.RequestKey is null ? 0 : SecretKey.Length) + signed.Length, pinned: true);
        try
        {
            plaintext[0] = helper.RequestKey is null ? (byte)0 : (byte)1;
            helper.RequestKey?.ExportTo(plaintext.AsSpan(1));
            signed.CopyTo(plaintext.AsSpan(plaintext.Length - signed.Length));
            return Envelope.Seal(opening.ReplyKey, self.Identity, self.ObjectKey, Context(opening, self.Identity), plaintext, random);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    /// <summary>Opens a sealed answer and checks everything; the second part is the request's secret, if it was handed on. The caller disposes it.</summary>
    internal static (TeamPartial Partial, SecretKey? RequestKey) Open(TeamOpeningRequest opening, TeamCharter charter, TeamMember member, SecretKey replyKey, ReadOnlySpan<byte> sealedPartial)
    {
        using EnvelopeContent content = Envelope.Open(replyKey, member.Identity, member.ObjectKey, Context(opening, member.Identity), sealedPartial);
        ReadOnlySpan<byte> plaintext = content.Bytes;
        int head = plaintext is [1, ..] && plaintext.Length > SecretKey.Length ? 1 + SecretKey.Length : 1;
        if (plaintext.IsEmpty || plaintext[0] > 1 || (plaintext[0] == 1 && head == 1))
        {
            throw new PhrDataException(Stage, PhrDataReason.Malformed, "it does not say whether it hands a secret on.");
        }

        TeamPartial partial = FromBytes(plaintext[head..]);
        TeamKey key = charter.FindKey(opening.KeyEpoch)!;
        if (partial.OpeningDigest != opening.Digest || partial.Member != member.Identity || !partial._parts.Verify(member.ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "it answers another question, or is not signed by the member.");
        }

        if (!BatchDleq.Verify(partial.Proof, key.Commitments.ShareKey(member.Index), [.. opening.Points.Select(p => p.Point)], partial.Results, Context(opening, member.Identity)))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidProof, "the results are not proved to be by the member's share.");
        }

        SecretKey? requestKey = null;
        if (head > 1 && (!SecretKey.TryFromBytes(plaintext[1..head], out requestKey) || TeamRequestKey.RequestPart(key.PublicKey, opening.ReceivingKey) != requestKey.PublicKey))
        {
            requestKey?.Dispose();
            throw new PhrDataException(Stage, PhrDataReason.CommitmentMismatch, "the secret that it hands on is not the request's.");
        }

        return (partial, requestKey);
    }

    private static byte[] Context(TeamOpeningRequest opening, ActorId member) =>
        new CanonicalCborWriter().Array(3).Text(Tag).Id(opening.Digest).Id(member).EndArray().ToBytes();
}
