using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// A team as its members signed it: who they are, with which keys, how many open together, and the receiving keys with the commitments
/// to their sharing. The ledger has its digest.
/// </summary>
/// <remarks>
/// <para>
/// Canonical CBOR [tag, payload, [[index, signature]…]]; payload is the array of the plan's bytes, keys and the digests of the dealings. A charter
/// that parsed has as many good signatures as its threshold; <see cref="Verify"/> checks that it follows the one before, down to the
/// founding one, whose plan the team's id is made of.
/// </para>
/// <para>Members below the threshold can neither make a charter nor change one. Immutable and thread safe.</para>
/// </remarks>
public sealed class TeamCharter
{
    /// <summary>Longest encoding in bytes: 32,768.</summary>
    public const int MaxLength = 32768;

    private const string Tag = "phr/team-charter/v1";
    private const string Stage = "team charter";

    private readonly byte[] _bytes;

    private TeamCharter(byte[] bytes)
    {
        _bytes = bytes;
        Digest = Digest.Of(bytes);
        var outer = new CanonicalCborReader(Stage, bytes, MaxLength);
        outer.BeginArray(3);
        outer.Expect(Tag);
        byte[] payload = outer.Bytes(MaxLength);
        var signatures = new TeamSignature[outer.BeginList(TeamPlan.MaxMembers)];
        for (int i = 0; i < signatures.Length; i++)
        {
            outer.BeginArray(2);
            signatures[i] = new TeamSignature(outer.Int32(SecretSharing.MaxShares), outer.Signature());
            outer.EndArray();
        }

        outer.EndArray();
        outer.EndArray();
        outer.End();

        CoreDigest = DigestOfPayload(payload);
        var reader = new CanonicalCborReader(Stage, payload, MaxLength);
        reader.BeginArray(3);
        Plan = TeamPlan.FromBytes(reader.Bytes(TeamPlan.MaxLength));
        var keys = new TeamKey[reader.BeginList(TeamPlan.MaxKeys)];
        for (int i = 0; i < keys.Length; i++)
        {
            reader.BeginArray(2);
            keys[i] = new TeamKey(reader.Int32(TeamPlan.MaxEpoch), FeldmanCommitments.Read(reader));
            reader.EndArray();
        }

        reader.EndArray();
        var dealings = new Digest[reader.BeginList(TeamPlan.MaxMembers)];
        for (int i = 0; i < dealings.Length; i++)
        {
            dealings[i] = reader.Digest();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        Keys = new ReadOnlyCollection<TeamKey>(keys);
        Dealings = new ReadOnlyCollection<Digest>(dealings);
        Signers = new ReadOnlyCollection<int>([.. signatures.Select(s => s.Index)]);

        bool planned = keys.Length == Plan.Keys.Count
            && keys.Zip(Plan.Keys).All(k => k.First.Epoch == k.Second.Epoch && k.First.Commitments.Threshold == Plan.Threshold && (k.Second.Carried is null || k.Second.Carried == k.First.PublicKey))
            && keys.DistinctBy(k => k.PublicKey).Count() == keys.Length;
        if (!planned)
        {
            throw reader.Fault(PhrDataReason.Mismatched, "its keys are not those of its plan.");
        }

        if (signatures.Length < Plan.Threshold || signatures.Zip(signatures.Skip(1)).Any(pair => pair.First.Index >= pair.Second.Index))
        {
            throw reader.Fault(PhrDataReason.BelowThreshold, "fewer members signed than it takes, or they are not in order.");
        }

        byte[] message = SignedMessage(payload);
        if (signatures.Any(s => Plan.Members.FirstOrDefault(m => m.Index == s.Index)?.ObjectKey.Verify(message, s.Signature) != true))
        {
            throw reader.Fault(PhrDataReason.InvalidSignature, "a signature is not of the member that it names.");
        }
    }

    /// <summary>The plan of the round that it came out of.</summary>
    public TeamPlan Plan { get; }

    /// <summary>The team on the ledger.</summary>
    public ActorId Team => Plan.Team;

    /// <summary>The keys that live, by epoch, with the commitments to the present sharing.</summary>
    public IReadOnlyList<TeamKey> Keys { get; }

    /// <summary>The epoch of the present key, to which new requests are made.</summary>
    public int KeyEpoch => Keys[^1].Epoch;

    /// <summary>The present key.</summary>
    public PublicKey PublicKey => Keys[^1].PublicKey;

    /// <summary>The dealings that were used.</summary>
    public IReadOnlyList<Digest> Dealings { get; }

    /// <summary>The indices of the members who signed.</summary>
    public IReadOnlyList<int> Signers { get; }

    /// <summary>SHA-256 of the exact bytes; what the ledger records.</summary>
    public Digest Digest { get; }

    /// <summary>The digest of what was signed, under which members keep their shares.</summary>
    public Digest CoreDigest { get; }

    /// <summary>Puts the outcome of a round and its members' signatures together.</summary>
    /// <param name="outcome">The outcome.</param>
    /// <param name="signatures">At least as many as the threshold, of the outcome that every signer worked out.</param>
    /// <returns>The charter.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="PhrDataException">There are too few signatures, one occurs twice, or one does not verify.</exception>
    public static TeamCharter Create(TeamOutcome outcome, IReadOnlyCollection<TeamSignature> signatures)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(signatures);
        var writer = new CanonicalCborWriter();
        writer.Array(3).Text(Tag).Bytes(outcome.Payload).Array(signatures.Count);
        foreach (TeamSignature signature in signatures.OrderBy(s => s.Index))
        {
            writer.Array(2).UInt64((ulong)signature.Index).Bytes(signature.Signature.Span).EndArray();
        }

        return new TeamCharter(writer.EndArray().EndArray().ToBytes());
    }

    /// <summary>Reads a charter and verifies its members' signatures under the keys that it names.</summary>
    /// <param name="bytes">The exact bytes, at most 32,768.</param>
    /// <returns>The charter.</returns>
    /// <exception cref="PhrDataException">The bytes are not a charter, or a signature does not verify.</exception>
    /// <remarks>Whether the keys are those of the actors that it names, their key records tell; whether the team is the one of its id, <see cref="Verify"/>.</remarks>
    public static TeamCharter FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a charter, without an exception.</summary>
    /// <param name="bytes">The exact bytes, at most 32,768.</param>
    /// <param name="charter">The charter, or null.</param>
    /// <returns>Whether the bytes were a charter with good signatures.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TeamCharter? charter)
    {
        try
        {
            charter = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            charter = null;
            return false;
        }
    }

    /// <summary>Verifies that the charter follows another by the team's rules, and that enough of the members before agreed.</summary>
    /// <param name="previous">The charter before, verified; null for a founding one, whose team id is made of its plan.</param>
    /// <exception cref="PhrDataException">
    /// The plan does not follow (<see cref="PhrDataReason.Mismatched"/> or another reason of <see cref="TeamPlan.RequireSuccessorOf"/>), or fewer
    /// members of the charter before signed, with the keys they had there, than its threshold (<see cref="PhrDataReason.BelowThreshold"/>).
    /// </exception>
    public void Verify(TeamCharter? previous)
    {
        Plan.RequireSuccessorOf(previous);
        if (previous is null)
        {
            return;
        }

        int agreed = Signers.Count(index =>
            Plan.Members.First(m => m.Index == index) is { } member && previous.FindMember(member.Identity)?.ObjectKey == member.ObjectKey);
        if (agreed < previous.Plan.Threshold)
        {
            throw new PhrDataException(Stage, PhrDataReason.BelowThreshold, $"{agreed} of the members before signed where {previous.Plan.Threshold} must.");
        }
    }

    /// <summary>A member.</summary>
    /// <param name="identity">The member on the ledger.</param>
    /// <returns>The member, or null.</returns>
    public TeamMember? FindMember(ActorId identity) => Plan.FindMember(identity);

    /// <summary>A key.</summary>
    /// <param name="epoch">Its epoch.</param>
    /// <returns>The key, or null when the team does not have it, or has it no more.</returns>
    public TeamKey? FindKey(int epoch) => Keys.FirstOrDefault(k => k.Epoch == epoch);

    /// <summary>Writes the charter.</summary>
    /// <returns>A new array with the exact bytes that <see cref="Digest"/> is of.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    internal static byte[] SignedMessage(ReadOnlySpan<byte> payload) => SignedObject.Message(Tag, payload);

    internal static Digest DigestOfPayload(ReadOnlySpan<byte> payload) => Digest.Of(SignedMessage(payload));

    internal static byte[] EncodePayload(TeamPlan plan, IReadOnlyList<TeamKey> keys, IReadOnlyList<Digest> dealings)
    {
        var writer = new CanonicalCborWriter();
        writer.Array(3).Bytes(plan.ToBytes()).Array(keys.Count);
        foreach (TeamKey key in keys)
        {
            writer.Array(2).UInt64((ulong)key.Epoch);
            key.Commitments.WriteTo(writer);
            writer.EndArray();
        }

        writer.EndArray().Array(dealings.Count);
        foreach (Digest dealing in dealings)
        {
            writer.Id(dealing);
        }

        return writer.EndArray().EndArray().ToBytes();
    }
}
