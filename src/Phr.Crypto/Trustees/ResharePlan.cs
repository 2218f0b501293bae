using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// One trustee's signed proposal that the trustees themselves share a bundle's keys anew, without the patient and without rebuilding
/// anything: the whole new policy, the new trustees' envelope keys, and who of the old trustees may deal. A refresh is a plan with the same trustees.
/// </summary>
/// <remarks>
/// Canonical CBOR [tag, payload, signature], at most 64 KiB. Format: docs/reshare-format.md. A plan read from bytes has a valid shape; only
/// <see cref="Verify"/> against the dealing to replace makes it usable. What the sub-shares give, they give as soon as they are sent: whoever
/// seals one to a new trustee first lets the patient's veto window pass. Immutable and thread safe.
/// </remarks>
public sealed class ResharePlan
{
    /// <summary>Longest encoding in bytes: 64 KiB.</summary>
    public const int MaxLength = 1 << 16;

    internal const string Stage = "reshare plan";
    private const string Tag = "phr/reshare-plan/v1";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;

    private ResharePlan(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        Digest = Digest.Of(bytes);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(9);
        Ledger = reader.LedgerId();
        BundleId = reader.BundleId();
        HeaderDigest = reader.Digest();
        PreviousDigest = reader.Digest();
        Epoch = (uint)reader.UInt64(uint.MaxValue);
        Policy = TrusteePolicy.Read(reader);
        var offers = new EnvelopeKeyOffer[reader.BeginList(TrusteePolicy.MaxTrustees)];
        for (int i = 0; i < offers.Length; i++)
        {
            offers[i] = EnvelopeKeyOffer.FromBytes(reader.Bytes(EnvelopeKeyOffer.MaxLength));
        }

        reader.EndArray();
        var dealers = new PolicySeat[reader.BeginList(TrusteePolicy.MaxTrustees)];
        for (int i = 0; i < dealers.Length; i++)
        {
            dealers[i] = ReadSeat(reader);
        }

        reader.EndArray();
        Proposer = ReadSeat(reader);
        reader.EndArray();
        reader.End();
        Offers = offers;
        Dealers = dealers;
        if (Epoch < 2)
        {
            throw reader.Fault(PhrDataReason.OutOfRange, "the first epoch is the patient's to deal.");
        }

        if (offers.Length != Policy.Seats.Count())
        {
            throw reader.Fault(PhrDataReason.Mismatched, "it does not have one envelope key offer for every new trustee.");
        }

        for (int i = 1; i < dealers.Length; i++)
        {
            if (dealers[i] <= dealers[i - 1])
            {
                throw reader.Fault(PhrDataReason.NonCanonical, "its dealers are not in policy order, each once.");
            }
        }
    }

    /// <summary>The ledger.</summary>
    public LedgerId Ledger { get; }

    /// <summary>The bundle.</summary>
    public BundleId BundleId { get; }

    /// <summary>The header, which stays.</summary>
    public Digest HeaderDigest { get; }

    /// <summary>The dealing to replace.</summary>
    public Digest PreviousDigest { get; }

    /// <summary>The new epoch: above the replaced dealing's.</summary>
    public uint Epoch { get; }

    /// <summary>The whole new policy.</summary>
    public TrusteePolicy Policy { get; }

    /// <summary>The new trustees' signed offers of the envelope keys in <see cref="Policy"/>, in policy order.</summary>
    public IReadOnlyList<EnvelopeKeyOffer> Offers { get; }

    /// <summary>The old trustees who may deal, in the order of the old policy. Together they satisfy it.</summary>
    public IReadOnlyList<PolicySeat> Dealers { get; }

    /// <summary>The old trustee who proposes and signs.</summary>
    public PolicySeat Proposer { get; }

    /// <summary>SHA-256 of the exact bytes; what the ledger records.</summary>
    public Digest Digest { get; }

    /// <summary>Proposes a new sharing by the trustees.</summary>
    /// <param name="previous">The dealing to replace.</param>
    /// <param name="policy">The new policy, which relaxes nothing (<see cref="TrusteePolicy.FindRelaxation"/>), with the envelope keys offered for the new epoch.</param>
    /// <param name="offers">The new trustees' offers, in any order. The caller has checked that the object keys in the policy are the trustees'.</param>
    /// <param name="identity">The proposing trustee's keys, as the old dealing names them.</param>
    /// <param name="dealers">The old trustees who may deal, or null for all of them.</param>
    /// <returns>The plan, verified.</returns>
    /// <exception cref="ArgumentNullException">An argument other than <paramref name="dealers"/> is null.</exception>
    /// <exception cref="ArgumentException">The proposer is no trustee, an offer is missing, or the plan would be refused; the message says why.</exception>
    public static VerifiedResharePlan Create(
        VerifiedDealing previous, TrusteePolicy policy, IEnumerable<EnvelopeKeyOffer> offers, IdentityKeys identity, IEnumerable<PolicySeat>? dealers = null)
    {
        ArgumentNullException.ThrowIfNull(previous);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(offers);
        ArgumentNullException.ThrowIfNull(identity);
        Dealing old = previous.Dealing;
        (int group, int member) = old.Policy.FindIndices(identity.Id)
            ?? throw new ArgumentException("The proposer is no trustee of the dealing.", nameof(identity));
        EnvelopeKeyOffer[] all = [.. offers];
        PolicySeat[] candidates = [.. (dealers ?? old.Policy.Seats).Distinct().Order()];
        CanonicalCborWriter payload = new CanonicalCborWriter().Array(9)
            .Id(old.Ledger).Id(old.BundleId).Id(old.HeaderDigest).Id(old.Digest).UInt64(all.Length > 0 ? all[0].Epoch : checked(old.Epoch + 1));
        policy.Write(payload);
        payload.Array(policy.Seats.Count());
        foreach (PolicySeat seat in policy.Seats)
        {
            ActorId trustee = policy.FindMember(seat)!.Identity;
            EnvelopeKeyOffer[] own = [.. all.Where(o => o.Trustee == trustee)];
            payload.Bytes(own.Length == 1 ? own[0].ToBytes() : throw new ArgumentException($"Trustee {trustee} has not exactly one offer.", nameof(offers)));
        }

        payload.EndArray().Array(candidates.Length);
        foreach (PolicySeat seat in candidates)
        {
            WriteSeat(payload, seat);
        }

        WriteSeat(payload.EndArray(), new PolicySeat(group, member));
        byte[] bytes = SignedObject.Sign(Tag, payload.EndArray().ToBytes(), identity.ObjectSigner);
        try
        {
            return FromBytes(bytes).Verify(previous);
        }
        catch (PhrDataException e)
        {
            throw new ArgumentException(e.Message, nameof(policy), e);
        }
    }

    /// <summary>Reads a plan: canonical form, shape and limits. Signatures are checked by <see cref="Verify"/>, which knows whose they must be.</summary>
    /// <param name="bytes">At most 64 KiB.</param>
    /// <returns>The plan, still to be verified.</returns>
    /// <exception cref="PhrDataException">The bytes are not a plan.</exception>
    public static ResharePlan FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a plan, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="plan">The plan, or null.</param>
    /// <returns>Whether the bytes were a plan.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ResharePlan? plan)
    {
        try
        {
            plan = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            plan = null;
            return false;
        }
    }

    /// <summary>Checks the plan against the dealing that it would replace: signed by one of its trustees, nothing relaxed, every new envelope key offered, enough dealers.</summary>
    /// <param name="previous">The dealing to replace.</param>
    /// <returns>The verified plan.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="previous"/> is null.</exception>
    /// <exception cref="PhrDataException">A check fails; reason and detail say which.</exception>
    public VerifiedResharePlan Verify(VerifiedDealing previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        Dealing old = previous.Dealing;
        if (Ledger != old.Ledger || BundleId != old.BundleId || HeaderDigest != old.HeaderDigest || PreviousDigest != old.Digest || Epoch <= old.Epoch)
        {
            throw Fault(PhrDataReason.Mismatched, "it would replace another dealing.");
        }

        TrusteeMember proposer = old.Policy.FindMember(Proposer) ?? throw Fault(PhrDataReason.NotFound, $"the old policy has no trustee {Proposer}.");
        if (!_parts.Verify(proposer.ObjectKey))
        {
            throw Fault(PhrDataReason.InvalidSignature, "it is not signed by the trustee that it names.");
        }

        if (Policy.FindRelaxation(old.Policy) is { } relaxation)
        {
            throw Fault(PhrDataReason.OutOfRange, $"without the patient nothing may be relaxed: {relaxation}");
        }

        if (Dealers.Any(d => old.Policy.FindMember(d) is null))
        {
            throw Fault(PhrDataReason.NotFound, "it names a dealer that the old policy does not have.");
        }

        if (!old.Policy.Shape.IsSatisfiedBy(Dealers.Select(d => d.Indices)))
        {
            throw Fault(PhrDataReason.BelowThreshold, "its dealers together do not satisfy the old policy.");
        }

        int place = 0;
        foreach (PolicySeat seat in Policy.Seats)
        {
            TrusteeMember member = Policy.FindMember(seat)!;
            EnvelopeKeyOffer offer = Offers[place++];
            if (offer.Trustee != member.Identity || offer.Ledger != Ledger || offer.Bundle != BundleId || offer.Epoch != Epoch || offer.EnvelopeKey != member.EnvelopeKey)
            {
                throw Fault(PhrDataReason.Mismatched, $"the envelope key of trustee {seat} is not the one that it offered for this epoch.");
            }

            if (!offer.IsSignedBy(member.ObjectKey))
            {
                throw Fault(PhrDataReason.InvalidSignature, $"the envelope key offer of trustee {seat} is not signed by it.");
            }
        }

        return new VerifiedResharePlan(this, previous);
    }

    /// <summary>Writes the plan.</summary>
    /// <returns>A new array with the exact bytes that <see cref="Digest"/> is of.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    internal static PolicySeat ReadSeat(CanonicalCborReader reader)
    {
        reader.BeginArray(2);
        var seat = new PolicySeat(reader.Int32(TrusteePolicy.MaxGroups), reader.Int32(TrusteePolicy.MaxTrustees));
        reader.EndArray();
        return seat;
    }

    internal static CanonicalCborWriter WriteSeat(CanonicalCborWriter writer, PolicySeat seat) =>
        writer.Array(2).UInt64((ulong)seat.Group).UInt64((ulong)seat.Member).EndArray();

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(Stage, reason, detail);
}
