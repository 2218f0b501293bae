using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// A trustee's signed complaint that a dealer (the patient, or an old trustee who shares its share onward) gave it no good shares. Of an old trustee's contribution it shows how the
/// envelope opens, so that anyone can see who is right.
/// </summary>
/// <remarks>
/// <para>
/// The opening is the point D = x·(E + V) that the trustee's envelope key x makes of the envelope's capsule, with a <see cref="DleqProof"/> under G and E + V. It opens this one envelope
/// and no other: an old trustee's contribution carries a proof that its maker made the capsule, and without that proof nothing is shown. What becomes known is what
/// one dealer sent to one trustee, of every document. One complaint that is judged leaves a dealer out: a trustee who sees one already need not show its own opening.
/// </para>
/// <para>
/// Of a patient's dealing the openings of many trustees together would give the keys away, and the patient knows what it sealed. So a complaint of one shows no opening, unless it is made
/// with <see cref="CreateForArbiter"/> and sealed to somebody who shall judge.
/// </para>
/// <para>Canonical CBOR [tag, payload, signature]. Format: docs/reshare-format.md. Immutable and thread safe.</para>
/// </remarks>
public sealed class ShareComplaint
{
    /// <summary>The most bytes that a complaint has: 512.</summary>
    public const int MaxLength = 512;

    private const string Stage = "share complaint";
    private const string Tag = "phr/share-complaint/v1";

    private enum Evidence
    {
        None = 0,
        Opening,
    }

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;
    private readonly PublicKey? _shared;
    private readonly DleqProof? _proof;

    private ShareComplaint(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(4);
        Subject = reader.Digest();
        EnvelopeDigest = reader.Digest();
        Seat = ResharePlan.ReadSeat(reader);
        if (reader.BeginList(2) != 0)
        {
            _shared = reader.PublicKey();
            _proof = DleqProof.TryFromBytes(reader.BytesExactly(DleqProof.Length), out DleqProof? proof)
                ? proof
                : throw reader.Fault(PhrDataReason.InvalidScalar, "a proof is not two scalars.");
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        Digest = Digest.Of(bytes);
    }

    /// <summary>What is complained of: the digest of a patient's dealing, or of a contribution.</summary>
    public Digest Subject { get; }

    /// <summary>The digest of the envelope that the dealer named for this trustee.</summary>
    public Digest EnvelopeDigest { get; }

    /// <summary>The complaining trustee's seat in the new policy.</summary>
    public PolicySeat Seat { get; }

    /// <summary>Whether the complaint shows how the envelope opens.</summary>
    public bool HasOpening => _shared is not null;

    /// <summary>SHA-256 of the exact bytes; what the ledger records as evidence.</summary>
    public Digest Digest { get; }

    /// <summary>Complains of an old trustee's contribution.</summary>
    /// <param name="contribution">The contribution.</param>
    /// <param name="seat">The complaining trustee's seat in the new policy.</param>
    /// <param name="identity">Its keys, as the new policy names them.</param>
    /// <param name="envelopeKey">The secret of its envelope key for the new epoch.</param>
    /// <param name="envelope">The envelope; empty when it cannot be had, which nobody else can judge.</param>
    /// <returns>The complaint.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The policy has no such seat, a key is not its, or the bytes are another envelope.</exception>
    /// <exception cref="InvalidOperationException">The envelope is good: there is nothing to complain of.</exception>
    public static ShareComplaint Create(
        VerifiedReshareContribution contribution, PolicySeat seat, IdentityKeys identity, SecretKey envelopeKey, ReadOnlySpan<byte> envelope)
    {
        ArgumentNullException.ThrowIfNull(contribution);
        return Create(contribution.Contribution.Digest, contribution.EnvelopeFor(seat), seat, identity, envelopeKey, envelope, Evidence.Opening);
    }

    /// <summary>Complains of a patient's dealing, without showing how the envelope opens: the patient can tell by itself, and deals anew.</summary>
    /// <param name="dealing">The dealing.</param>
    /// <param name="seat">The complaining trustee's seat.</param>
    /// <param name="identity">Its keys, as the policy names them.</param>
    /// <param name="envelopeKey">The secret of its envelope key for the epoch.</param>
    /// <param name="envelope">The envelope; empty when it cannot be had, which nobody else can judge.</param>
    /// <returns>The complaint.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The dealing is a reshared one, the policy has no such seat, a key is not its, or the bytes are another envelope.</exception>
    /// <exception cref="InvalidOperationException">The envelope is good: there is nothing to complain of.</exception>
    public static ShareComplaint Create(VerifiedDealing dealing, PolicySeat seat, IdentityKeys identity, SecretKey envelopeKey, ReadOnlySpan<byte> envelope) =>
        Create(dealing, seat, identity, envelopeKey, envelope, Evidence.None);

    /// <summary>Complains of a patient's dealing, and shows how the envelope opens. <b>What it opens are shares of the keys</b>: seal the complaint to the one who judges, and never let those of many trustees come together.</summary>
    /// <param name="dealing">The dealing.</param>
    /// <param name="seat">The complaining trustee's seat.</param>
    /// <param name="identity">Its keys, as the policy names them.</param>
    /// <param name="envelopeKey">The secret of its envelope key for the epoch.</param>
    /// <param name="envelope">The envelope.</param>
    /// <returns>The complaint.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The dealing is a reshared one, the policy has no such seat, a key is not its, or the bytes are another envelope.</exception>
    /// <exception cref="InvalidOperationException">The envelope is good: there is nothing to complain of.</exception>
    public static ShareComplaint CreateForArbiter(VerifiedDealing dealing, PolicySeat seat, IdentityKeys identity, SecretKey envelopeKey, ReadOnlySpan<byte> envelope) =>
        Create(dealing, seat, identity, envelopeKey, envelope, Evidence.Opening);

    /// <summary>Reads a complaint. Its signature is not verified yet.</summary>
    /// <param name="bytes">At most 512 bytes.</param>
    /// <returns>The complaint.</returns>
    /// <exception cref="PhrDataException">The bytes are not a complaint.</exception>
    public static ShareComplaint FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a complaint, without an exception. Its signature is not verified yet.</summary>
    /// <param name="bytes">At most 512 bytes.</param>
    /// <param name="complaint">The complaint, or null.</param>
    /// <returns>Whether the bytes were a complaint.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ShareComplaint? complaint)
    {
        try
        {
            complaint = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            complaint = null;
            return false;
        }
    }

    /// <summary>Decides who is at fault, the dealer of a contribution or the trustee who complains of it.</summary>
    /// <param name="contribution">The contribution.</param>
    /// <param name="envelope">The envelope that it names for the trustee; empty when it cannot be had.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="contribution"/> is null.</exception>
    /// <exception cref="PhrDataException">The complaint is of something else or not signed by the trustee that it names, or the bytes are another envelope.</exception>
    /// <remarks>Anyone can judge, and everyone comes to the same verdict. Cost: about six multiplications, and one per document.</remarks>
    public ComplaintVerdict Judge(VerifiedReshareContribution contribution, ReadOnlySpan<byte> envelope)
    {
        ArgumentNullException.ThrowIfNull(contribution);
        return Subject == contribution.Contribution.Digest && contribution.Plan.Plan.Policy.FindMember(Seat) is not null
            ? Judge(contribution.EnvelopeFor(Seat), envelope)
            : throw Other();
    }

    /// <summary>Decides who is at fault, the patient as the dealer or the trustee who complains.</summary>
    /// <param name="dealing">The patient's dealing.</param>
    /// <param name="envelope">The envelope that it names for the trustee; empty when it cannot be had.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="dealing"/> is null.</exception>
    /// <exception cref="PhrDataException">The complaint is of something else or not signed by the trustee that it names, or the bytes are another envelope.</exception>
    public ComplaintVerdict Judge(VerifiedDealing dealing, ReadOnlySpan<byte> envelope)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        return Subject == dealing.Dealing.Digest && !dealing.Dealing.IsReshared && dealing.Dealing.Policy.FindMember(Seat) is not null
            ? Judge(dealing.Dealing.PatientEnvelopeFor(Seat), envelope)
            : throw Other();
    }

    /// <summary>Writes the exact bytes.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    private static PhrDataException Other() => new(Stage, PhrDataReason.Mismatched, "it is a complaint of something else.");

    private static void RequirePatients(Dealing dealing, PolicySeat seat)
    {
        if (dealing.IsReshared || dealing.Policy.FindMember(seat) is null)
        {
            throw new ArgumentException("The dealing is not the patient's, or has no such trustee. Of a reshared one, complain of the contribution.", nameof(dealing));
        }
    }

    private static ShareComplaint Create(
        VerifiedDealing dealing, PolicySeat seat, IdentityKeys identity, SecretKey envelopeKey, ReadOnlySpan<byte> envelope, Evidence evidence)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        RequirePatients(dealing.Dealing, seat);
        return Create(dealing.Dealing.Digest, dealing.Dealing.PatientEnvelopeFor(seat), seat, identity, envelopeKey, envelope, evidence);
    }

    private static ShareComplaint Create(
        Digest subject, DealtEnvelope dealt, PolicySeat seat, IdentityKeys identity, SecretKey envelopeKey, ReadOnlySpan<byte> envelope, Evidence evidence)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(envelopeKey);
        dealt.RequireKey(envelopeKey.PublicKey, nameof(envelopeKey));
        if (dealt.Recipient.Identity != identity.Id || dealt.Recipient.ObjectKey != identity.PublicKeys.ObjectKey)
        {
            throw new ArgumentException("The keys are not those of this trustee in the policy.", nameof(identity));
        }

        CanonicalCborWriter payload = new CanonicalCborWriter().Array(4).Id(subject).Id(dealt.Digest);
        ResharePlan.WriteSeat(payload, seat);
        if (envelope.IsEmpty)
        {
            payload.Array(0);
        }
        else
        {
            if (Digest.Of(envelope) != dealt.Digest)
            {
                throw new ArgumentException("The bytes are not the envelope that the dealer named.", nameof(envelope));
            }

            // Without the dealer's own proof the capsule may be another's: to show how it opens would open that one.
            bool everyoneSees = dealt.IsPubliclyBad(envelope);
            if (!everyoneSees)
            {
                RequireBad(dealt, envelopeKey, envelope);
            }

            if (everyoneSees || evidence == Evidence.None)
            {
                payload.Array(0);
            }
            else
            {
                _ = Envelope.TryReadCapsule(envelope, out Capsule? capsule);
                Point sum = capsule!.E + capsule.V;
                DleqProof proof = DleqProof.Create(envelopeKey.Scalar, Point.Generator, sum, ProofContext(subject, dealt.Digest, seat), RandomSource.System);
                payload.Array(2).Key(new PublicKey(sum * envelopeKey.Scalar)).Bytes(proof.ToBytes());
            }
        }

        return new ShareComplaint(SignedObject.Sign(Tag, payload.EndArray().EndArray().ToBytes(), identity.ObjectSigner));
    }

    private static void RequireBad(DealtEnvelope dealt, SecretKey envelopeKey, ReadOnlySpan<byte> envelope)
    {
        try
        {
            dealt.Check(envelopeKey, envelope);
        }
        catch (PhrDataException)
        {
            return;
        }

        throw new InvalidOperationException("The envelope holds what the dealer committed to: there is nothing to complain of.");
    }

    private static byte[] ProofContext(Digest subject, Digest envelope, PolicySeat seat) => ResharePlan.WriteSeat(
        new CanonicalCborWriter().Array(4).Text("phr/share-complaint-proof/v1").Id(subject).Id(envelope), seat).EndArray().ToBytes();

    private ComplaintVerdict Judge(DealtEnvelope dealt, ReadOnlySpan<byte> envelope)
    {
        if (EnvelopeDigest != dealt.Digest)
        {
            throw Other();
        }

        if (!_parts.Verify(dealt.Recipient.ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "it is not signed by the trustee that it names.");
        }

        if (envelope.IsEmpty)
        {
            return ComplaintVerdict.Undecided;
        }

        dealt.RequireDigest(envelope);
        if (dealt.IsPubliclyBad(envelope))
        {
            return ComplaintVerdict.DealerAtFault;
        }

        if (_shared is null || !Envelope.TryReadCapsule(envelope, out Capsule? capsule))
        {
            return ComplaintVerdict.Undecided;
        }

        if (!_proof!.Verify(Point.Generator, capsule.E + capsule.V, dealt.Recipient.EnvelopeKey.Point, _shared.Point, ProofContext(Subject, EnvelopeDigest, Seat)))
        {
            return ComplaintVerdict.TrusteeAtFault;
        }

        Envelope.Fault fault = Envelope.OpenShown(
            capsule, _shared, dealt.Recipient.EnvelopeKey, dealt.SenderId, dealt.SenderKey, dealt.Context, envelope, out EnvelopeContent? content);
        using (content)
        {
            return fault != Envelope.Fault.None || dealt.FindFault(content!) is not null ? ComplaintVerdict.DealerAtFault : ComplaintVerdict.TrusteeAtFault;
        }
    }
}
