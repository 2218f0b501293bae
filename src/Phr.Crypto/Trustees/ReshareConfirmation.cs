using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>One dealer's signature under a reshared dealing that it has worked out itself from the contributions.</summary>
/// <remarks>
/// Canonical CBOR [tag, payload, signature]; payload is the array of plan digest, dealing digest and the dealer's seat in the old policy. Signed by the object key that
/// the old dealing names. Format: docs/reshare-format.md. A confirmation read from bytes proves nothing until <see cref="Verify"/>. Immutable and thread safe.
/// </remarks>
public sealed class ReshareConfirmation
{
    /// <summary>The most bytes that a confirmation has: 256.</summary>
    public const int MaxLength = 256;

    private const string Stage = "reshare confirmation";
    private const string Tag = "phr/reshare-confirmation/v1";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;

    private ReshareConfirmation(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(3);
        PlanDigest = reader.Digest();
        DealingDigest = reader.Digest();
        Dealer = ResharePlan.ReadSeat(reader);
        reader.EndArray();
        reader.End();
        Digest = Digest.Of(bytes);
    }

    /// <summary>The plan.</summary>
    public Digest PlanDigest { get; }

    /// <summary>The dealing that is confirmed.</summary>
    public Digest DealingDigest { get; }

    /// <summary>The dealer's seat in the old policy.</summary>
    public PolicySeat Dealer { get; }

    /// <summary>SHA-256 of the exact bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Works the dealing out from the contributions, and signs it.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="contributions">The contributions of the dealers that are not left out, each verified by the caller.</param>
    /// <param name="identity">The dealer's keys, as the old dealing names them.</param>
    /// <returns>The confirmation; the dealing is that of <see cref="Dealing.FromReshare"/>.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The keys are not those of a dealer whose contribution is used, or as for <see cref="Dealing.FromReshare"/>.</exception>
    /// <exception cref="PhrDataException">As for <see cref="Dealing.FromReshare"/>.</exception>
    public static ReshareConfirmation Create(VerifiedResharePlan plan, IEnumerable<VerifiedReshareContribution> contributions, IdentityKeys identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        Dealing dealing = Dealing.FromReshare(plan, contributions);
        ResharingDealer dealer = dealing.Dealers.FirstOrDefault(d => d.Identity == identity.Id && d.ObjectKey == identity.PublicKeys.ObjectKey)
            ?? throw new ArgumentException("The keys are not those of a dealer of this dealing.", nameof(identity));
        CanonicalCborWriter payload = new CanonicalCborWriter().Array(3).Id(dealing.PlanDigest).Id(dealing.Digest);
        ResharePlan.WriteSeat(payload, dealer.Seat).EndArray();
        return new ReshareConfirmation(SignedObject.Sign(Tag, payload.ToBytes(), identity.ObjectSigner));
    }

    /// <summary>Reads a confirmation. Its signature is not verified yet.</summary>
    /// <param name="bytes">At most 256 bytes.</param>
    /// <returns>The confirmation.</returns>
    /// <exception cref="PhrDataException">The bytes are not a confirmation.</exception>
    public static ReshareConfirmation FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a confirmation, without an exception. Its signature is not verified yet.</summary>
    /// <param name="bytes">At most 256 bytes.</param>
    /// <param name="confirmation">The confirmation, or null.</param>
    /// <returns>Whether the bytes were a confirmation.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ReshareConfirmation? confirmation)
    {
        try
        {
            confirmation = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            confirmation = null;
            return false;
        }
    }

    /// <summary>Checks that a dealer of a reshared dealing confirms it.</summary>
    /// <param name="dealing">The reshared dealing.</param>
    /// <param name="previous">The dealing before.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="PhrDataException">It is of another plan, dealing or dealer (<see cref="PhrDataReason.Mismatched"/>), or its signature is bad.</exception>
    public void Verify(Dealing dealing, VerifiedDealing previous)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        ArgumentNullException.ThrowIfNull(previous);
        if (DealingDigest != dealing.Digest || PlanDigest != dealing.PlanDigest || dealing.Dealers.All(d => d.Seat != Dealer)
            || previous.Dealing.Policy.FindMember(Dealer) is not { } member)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it is of another plan, dealing or dealer.");
        }

        if (!_parts.Verify(member.ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, $"it is not signed by dealer {Dealer}.");
        }
    }

    /// <summary>Writes the exact bytes.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    internal bool IsOf(Dealing dealing, ResharingDealer dealer) =>
        DealingDigest == dealing.Digest && PlanDigest == dealing.PlanDigest && Dealer == dealer.Seat && _parts.Verify(dealer.ObjectKey);
}
