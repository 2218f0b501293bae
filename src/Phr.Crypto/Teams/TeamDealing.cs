using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// What one member deals in a round: for every key a polynomial by its commitments, with the sub-shares of all keys sealed to each member.
/// For a fresh key the constant term is random and its knowledge proved, so that nobody can choose it against the others'; for a
/// key that is carried over it is the member's own share.
/// </summary>
/// <remarks>
/// Canonical CBOR [tag, payload, signature by the dealer's object key]. Parsing verifies nothing of it; <see cref="TeamOutcome.Conclude"/>
/// does, and leaves a bad one out. Immutable and thread safe.
/// </remarks>
public sealed class TeamDealing
{
    /// <summary>Longest encoding in bytes: 65,536.</summary>
    public const int MaxLength = 65536;

    internal const string Stage = "team dealing";
    private const string Tag = "phr/team-dealing/v1";

    // 8 sub-shares, padded: 288 bytes at most, and what an envelope adds.
    private const int MaxEnvelopeLength = 512;

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;
    private readonly DleqProof[] _sealings;

    private TeamDealing(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        Digest = Digest.Of(bytes);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(4);
        PlanDigest = reader.Digest();
        Dealer = reader.ActorId();
        var keys = new DealtTeamKey[reader.BeginList(TeamPlan.MaxKeys)];
        for (int i = 0; i < keys.Length; i++)
        {
            reader.BeginArray(3);
            int epoch = reader.Int32(TeamPlan.MaxEpoch);
            FeldmanCommitments commitments = FeldmanCommitments.Read(reader);
            if (commitments.Threshold > TeamPlan.MaxMembers)
            {
                throw reader.Fault(PhrDataReason.TooLarge, "commitments have more points than a team has members.");
            }

            keys[i] = new DealtTeamKey(epoch, commitments, reader.Bytes(KnowledgeProof.Length));
            reader.EndArray();
        }

        reader.EndArray();
        var envelopes = new ReadOnlyMemory<byte>[reader.BeginList(TeamPlan.MaxMembers)];
        _sealings = new DleqProof[envelopes.Length];
        for (int i = 0; i < envelopes.Length; i++)
        {
            reader.BeginArray(2);
            envelopes[i] = reader.Bytes(MaxEnvelopeLength);
            _sealings[i] = DleqProof.TryFromBytes(reader.BytesExactly(DleqProof.Length), out DleqProof? sealing)
                ? sealing
                : throw reader.Fault(PhrDataReason.InvalidScalar, "a proof is not two scalars.");
            reader.EndArray();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        Keys = new ReadOnlyCollection<DealtTeamKey>(keys);
        Envelopes = new ReadOnlyCollection<ReadOnlyMemory<byte>>(envelopes);
    }

    /// <summary>The plan of the round.</summary>
    public Digest PlanDigest { get; }

    /// <summary>Who dealt.</summary>
    public ActorId Dealer { get; }

    /// <summary>What was dealt of each key, in the plan's order.</summary>
    public IReadOnlyList<DealtTeamKey> Keys { get; }

    /// <summary>The sealed sub-shares of each member, in the plan's order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Envelopes { get; }

    /// <summary>SHA-256 of the exact bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Deals: a random contribution to a fresh key, and the member's own shares of the keys that are carried over.</summary>
    /// <param name="plan">The plan of the round.</param>
    /// <param name="dealer">The keys of a member of the plan.</param>
    /// <returns>The dealing, for a founding round.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The dealer is not in the plan with these keys, or the plan does not found a team.</exception>
    public static TeamDealing Create(TeamPlan plan, IdentityKeys dealer)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.IsFounding ? Create(plan, null, null, dealer, RandomSource.System) : throw new ArgumentException("The plan changes a team; its charter is needed.", nameof(plan));
    }

    /// <summary>Deals in a round that changes a team.</summary>
    /// <param name="plan">The plan of the round.</param>
    /// <param name="charter">The team's charter so far.</param>
    /// <param name="shares">The dealer's shares under that charter; null for a member who joins, who deals only when a fresh key is made.</param>
    /// <param name="dealer">The keys of a member of the plan.</param>
    /// <returns>The dealing.</returns>
    /// <exception cref="ArgumentNullException">An argument other than the shares is null.</exception>
    /// <exception cref="ArgumentException">The dealer is not in the plan with these keys, has nothing to deal, or the shares are of another charter or lack a key.</exception>
    /// <exception cref="PhrDataException">The plan does not follow the charter.</exception>
    public static TeamDealing Create(TeamPlan plan, TeamCharter charter, TeamShares? shares, IdentityKeys dealer)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(charter);
        return Create(plan, charter, shares, dealer, RandomSource.System);
    }

    /// <summary>Reads a dealing: canonical form, shape and limits.</summary>
    /// <param name="bytes">At most 65,536 bytes.</param>
    /// <returns>The dealing.</returns>
    /// <exception cref="PhrDataException">The bytes are not a dealing.</exception>
    public static TeamDealing FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a dealing, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="dealing">The dealing, or null.</param>
    /// <returns>Whether the bytes were a dealing.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TeamDealing? dealing)
    {
        try
        {
            dealing = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            dealing = null;
            return false;
        }
    }

    /// <summary>Writes the dealing.</summary>
    /// <returns>A new array with the exact bytes that <see cref="Digest"/> is of.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    /// <summary>Everything that anybody can check: the signature, that it deals what this dealer must, constant terms and proofs, and that the envelopes can be opened at all.</summary>
    internal (PhrDataReason Reason, string Detail)? FindFault(TeamPlan plan, TeamCharter? previous)
    {
        if (PlanDigest != plan.Digest || plan.FindMember(Dealer) is not { } dealer)
        {
            return (PhrDataReason.Mismatched, "it deals in another round, or the dealer is no member.");
        }

        if (!_parts.Verify(dealer.ObjectKey))
        {
            return (PhrDataReason.InvalidSignature, "it is not signed by its dealer.");
        }

        TeamKeyPlan[] due = plan.KeysDealtBy(dealer, previous);
        if (due.Length == 0 || !due.Select(k => k.Epoch).SequenceEqual(Keys.Select(k => k.Epoch)) || Envelopes.Count != plan.Members.Count
            || Keys.Any(k => k.Commitments.Threshold != plan.Threshold))
        {
            return (PhrDataReason.Mismatched, "it does not deal the keys, the threshold or the members of the plan.");
        }

        for (int i = 0; i < due.Length; i++)
        {
            PublicKey constant = Keys[i].Commitments.SharedKey;
            if (due[i].IsFresh)
            {
                if (!KnowledgeProof.Verify(constant.Point, ProofContext(plan, Dealer, due[i].Epoch), Keys[i].Proof.Span))
                {
                    return (PhrDataReason.InvalidProof, "the dealer does not prove that it knows what it contributed.");
                }
            }
            else if (Keys[i].Proof.Length != 0 || previous!.FindKey(due[i].Epoch)!.Commitments.At(previous.FindMember(Dealer)!.Index) != constant.Point)
            {
                return (PhrDataReason.CommitmentMismatch, "the dealer did not deal its own share.");
            }
        }

        // A capsule that the dealer did not make is another's: a complaint about it would open what that one sealed.
        for (int i = 0; i < Envelopes.Count; i++)
        {
            if (!Envelope.IsSealingProven(Envelopes[i].Span, _sealings[i], SealingContext(plan, Dealer, plan.Members[i].Identity)))
            {
                return (PhrDataReason.InvalidProof, "a sealed sub-share has no capsule, or its dealer did not prove to have made it.");
            }
        }

        return null;
    }

    /// <summary>Opens a member's sub-shares and checks each against the commitments; false when they are not what the dealer committed to. The caller wipes them.</summary>
    internal bool TryOpen(TeamPlan plan, TeamMember member, IReceiver envelopeKey, out Scalar[] subShares)
    {
        subShares = GC.AllocateArray<Scalar>(Keys.Count, pinned: true);
        TeamMember dealer = plan.FindMember(Dealer)!;
        ReadOnlySpan<byte> envelope = Envelopes[Position(plan, member)].Span;
        if (Envelope.Open(envelopeKey, Dealer, dealer.ObjectKey, ShareContext(plan, Dealer, member.Identity), envelope, out EnvelopeContent? content) != Envelope.Fault.None)
        {
            return false;
        }

        using (content)
        {
            if (content!.Bytes.Length != Keys.Count * Scalar.Length)
            {
                return false;
            }

            for (int i = 0; i < subShares.Length; i++)
            {
                if (!Scalar.TryFromBytes(content.Bytes.Slice(i * Scalar.Length, Scalar.Length), out subShares[i]) || !Keys[i].Commitments.Matches(member.Index, subShares[i]))
                {
                    JointSharing.Wipe(subShares);
                    return false;
                }
            }

            return true;
        }
    }

    internal bool IsSignedFor(TeamPlan plan) => PlanDigest == plan.Digest && plan.FindMember(Dealer) is { } dealer && _parts.Verify(dealer.ObjectKey);

    internal DleqProof SealingOf(int position) => _sealings[position];

    internal static int Position(TeamPlan plan, TeamMember member) => plan.Members.TakeWhile(m => m.Index != member.Index).Count();

    /// <summary>Deals; the hook lets a test deal badly: it may change a member's sub-shares before they are sealed.</summary>
    internal static TeamDealing Create(
        TeamPlan plan, TeamCharter? previous, TeamShares? shares, IdentityKeys dealer, RandomSource random, Action<int, Scalar[]>? tamper = null)
    {
        ArgumentNullException.ThrowIfNull(dealer);
        plan.RequireSuccessorOf(previous);
        if (plan.FindMember(dealer.Id) is not { } self || self.ObjectKey != dealer.PublicKeys.ObjectKey)
        {
            throw new ArgumentException("The dealer is not in the plan with these keys.", nameof(dealer));
        }

        TeamKeyPlan[] due = plan.KeysDealtBy(self, previous);
        if (due.Length == 0)
        {
            throw new ArgumentException("A member who joins deals only when a fresh key is made.", nameof(dealer));
        }

        if (due.Any(k => !k.IsFresh))
        {
            shares?.RequireOf(previous!);
            if (due.Any(k => !k.IsFresh && shares?.Find(k.Epoch) is null))
            {
                throw new ArgumentException("The dealer's shares of the keys that are carried over are needed.", nameof(shares));
            }
        }

        var polynomials = new List<Polynomial<Scalar>>(due.Length);
        var payload = new CanonicalCborWriter();
        payload.Array(4).Id(plan.Digest).Id(dealer.Id).Array(due.Length);
        Scalar[] subShares = GC.AllocateArray<Scalar>(due.Length, pinned: true);
        byte[] plaintext = GC.AllocateArray<byte>(due.Length * Scalar.Length, pinned: true);
        try
        {
            foreach (TeamKeyPlan key in due)
            {
                Scalar constant = key.IsFresh ? Scalar.Random(random) : shares!.Find(key.Epoch)!.Scalar;
                Polynomial<Scalar> polynomial = Polynomial<Scalar>.Draw(constant, plan.Threshold, () => Scalar.Random(random));
                polynomials.Add(polynomial);
                payload.Array(3).UInt64((ulong)key.Epoch);
                FeldmanCommitments.To(polynomial).WriteTo(payload);
                payload.Bytes(key.IsFresh ? KnowledgeProof.Create(constant, ProofContext(plan, dealer.Id, key.Epoch), random) : []).EndArray();
            }

            payload.EndArray().Array(plan.Members.Count);
            foreach (TeamMember member in plan.Members)
            {
                for (int i = 0; i < subShares.Length; i++)
                {
                    subShares[i] = polynomials[i].At(member.Index);
                }

                tamper?.Invoke(member.Index, subShares);
                for (int i = 0; i < subShares.Length; i++)
                {
                    subShares[i].WriteBytes(plaintext.AsSpan(i * Scalar.Length));
                }

                (byte[] envelope, DleqProof sealing) = Envelope.SealProven(
                    member.EnvelopeKey, dealer.Id, self.ObjectKey, ShareContext(plan, dealer.Id, member.Identity), plaintext, SealingContext(plan, dealer.Id, member.Identity), random);
                payload.Array(2).Bytes(envelope).Bytes(sealing.ToBytes()).EndArray();
            }

            return new TeamDealing(SignedObject.Sign(Tag, payload.EndArray().EndArray().ToBytes(), dealer.ObjectSigner));
        }
        finally
        {
            JointSharing.Wipe(subShares);
            CryptographicOperations.ZeroMemory(plaintext);
            polynomials.ForEach(static p => p.Dispose());
        }
    }

    // The plan's digest stands for ledger, team, epochs and roster.
    private static byte[] ProofContext(TeamPlan plan, ActorId dealer, int epoch) =>
        new CanonicalCborWriter().Array(4).Text("phr/team-contribution/v1").Id(plan.Digest).Id(dealer).UInt64((ulong)epoch).EndArray().ToBytes();

    private static byte[] ShareContext(TeamPlan plan, ActorId dealer, ActorId member) =>
        new CanonicalCborWriter().Array(4).Text("phr/team-share/v1").Id(plan.Digest).Id(dealer).Id(member).EndArray().ToBytes();

    private static byte[] SealingContext(TeamPlan plan, ActorId dealer, ActorId member) =>
        new CanonicalCborWriter().Array(4).Text("phr/team-seal/v1").Id(plan.Digest).Id(dealer).Id(member).EndArray().ToBytes();
}
