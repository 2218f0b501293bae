using System.Buffers.Binary;
using System.Text;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An insurance claim. It holds ids, an amount and salted digests: what was treated is in the sealed evidence alone.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record ClaimRecord
{
    /// <summary>Its id, see <see cref="FileClaim.ComputeId"/>.</summary>
    public required Digest Id { get; init; }

    /// <summary>Who claims.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>Who is to pay.</summary>
    public required ActorId Insurer { get; init; }

    /// <summary>Who treated, and endorses first.</summary>
    public required ActorId Doctor { get; init; }

    /// <summary>Where, and who endorses next.</summary>
    public required ActorId Hospital { get; init; }

    /// <summary>What is claimed, in the currency's smallest units.</summary>
    public required ulong Amount { get; init; }

    /// <summary>The currency: three capital letters, ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>A request, or a salted digest of anything else that the claim rests on; zero for none.</summary>
    public required Digest RelatedTo { get; init; }

    /// <summary>Salted commitment to the evidence.</summary>
    public required Digest EvidenceCommitment { get; init; }

    /// <summary>SHA-256 of the sealed evidence.</summary>
    public required Digest EvidenceDigest { get; init; }

    /// <summary>When the claim ends if nobody decides.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>What makes the id its own.</summary>
    public required Digest Salt { get; init; }

    /// <summary>When it was filed.</summary>
    public required DateTimeOffset FiledAt { get; init; }

    /// <summary>Whether an agency, too, has to endorse it.</summary>
    public required bool AgencyReviews { get; init; }

    /// <summary>Where it stands.</summary>
    public required ClaimStatus Status { get; init; }

    /// <summary>What the insurer approved last, in the currency's smallest units; 0 for nothing yet. While an appeal is open this much is safe.</summary>
    public ulong ApprovedAmount { get; init; }

    /// <summary>Whether the patient's one appeal is spent.</summary>
    public bool IsAppealed { get; init; }

    /// <summary>What was done with it, in order.</summary>
    public IReadOnlyList<ClaimStep> Steps { get; init => field = ValueList.Of(value); } = ValueList.Of<ClaimStep>([]);

    /// <summary>Whether somebody has to do something before it is decided.</summary>
    public bool IsOpen => Status is >= ClaimStatus.AwaitingDoctor and <= ClaimStatus.AwaitingAppeal;

    /// <summary>Whether the patient may still appeal, as far as the claim's state goes; its time must not be over either.</summary>
    public bool MayAppeal => !IsAppealed && (Status == ClaimStatus.Rejected || (Status == ClaimStatus.Approved && ApprovedAmount < Amount));

    /// <summary>The level at which somebody decides now: 1 to 4, or 0 for none.</summary>
    public int Level => Status is >= ClaimStatus.AwaitingDoctor and <= ClaimStatus.AwaitingInsurer ? (int)Status : 0;

    /// <summary>What a contract stores of it: status 4 bits | an agency reviews 1 | appealed 1 | 2 free | approved amount 64, the first lowest.</summary>
    internal UInt128 PackSlot() => (UInt128)(uint)Status | ((UInt128)(AgencyReviews ? 1u : 0u) << 4) | ((UInt128)(IsAppealed ? 1u : 0u) << 5) | ((UInt128)ApprovedAmount << 8);

    internal static Digest ComputeId(LedgerId ledger, ActorId patient, FileClaim claim)
    {
        var words = new byte[14 * 32];
        Span<byte> rest = words;
        Put(ref rest, Keccak256.HashData("phr/claim/v1"u8), 0);
        PutNumber(ref rest, ledger.ChainId);
        foreach (ActorId actor in (ReadOnlySpan<ActorId>)[ledger.Contract, patient, claim.Insurer, claim.Doctor, claim.Hospital])
        {
            Put(ref rest, actor.ToBytes(), 12);
        }

        PutNumber(ref rest, claim.Amount);
        Put(ref rest, Encoding.ASCII.GetBytes(claim.Currency), 0);
        Put(ref rest, claim.RelatedTo.ToBytes(), 0);
        Put(ref rest, claim.EvidenceCommitment.ToBytes(), 0);
        Put(ref rest, claim.EvidenceDigest.ToBytes(), 0);
        PutNumber(ref rest, (ulong)claim.NotAfter.ToUnixTimeSeconds());
        Put(ref rest, claim.Salt.ToBytes(), 0);
        return Digest.FromBytes(Keccak256.HashData(words));

        static void Put(ref Span<byte> rest, ReadOnlySpan<byte> value, int offset)
        {
            value.CopyTo(rest[offset..]);
            rest = rest[32..];
        }

        static void PutNumber(ref Span<byte> rest, ulong value)
        {
            BinaryPrimitives.WriteUInt64BigEndian(rest[24..32], value);
            rest = rest[32..];
        }
    }
}
