using System.Buffers.Binary;

namespace Phr.Crypto;

/// <summary>What an oracle signs with its ledger key when it delivers: for which job, under which terms, and the root over its fragments. The evidence in a dispute is about this.</summary>
/// <remarks>
/// The digest is keccak256 of abi.encode(keccak256("phr/delivery-statement/v2"), chain id, ledger, and the fields in their order), so a contract computes it as it is. Immutable and thread safe.
/// </remarks>
public sealed record DeliveryStatement
{
    /// <summary>The ledger.</summary>
    public required LedgerId Ledger { get; init; }

    /// <summary>Who delivers.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>How often the oracle's bond had been taken when it signed: evidence counts while that is still so, and so no fault is paid for twice.</summary>
    public required uint Slashes { get; init; }

    /// <summary>The request that was granted.</summary>
    public required RequestId Request { get; init; }

    /// <summary>0, or 1 after a redraw.</summary>
    public required int Round { get; init; }

    /// <summary>How many uses of the grant had been counted: 0 for the first.</summary>
    public required int Use { get; init; }

    /// <summary>The oracle's seat, from 1.</summary>
    public required int Index { get; init; }

    /// <summary>The root over what fragments are checked against, see <see cref="VerifiedDealing.EvidenceRoot"/>.</summary>
    public required Digest EvidenceRoot { get; init; }

    /// <summary>Keccak-256 of the 33 bytes of the request's receiving key.</summary>
    public required Digest ReceivingKeyHash { get; init; }

    /// <summary>The root over the fragments, see <see cref="ComputeRoot"/>.</summary>
    public required Digest Root { get; init; }

    /// <summary>The digest that is signed.</summary>
    public Digest SigningDigest
    {
        get
        {
            var words = new byte[12 * 32];
            Keccak256.HashData("phr/delivery-statement/v2"u8).CopyTo(words, 0);
            Number(1, Ledger.ChainId);
            Ledger.Contract.ToBytes().CopyTo(words, (2 * 32) + 12);
            Oracle.ToBytes().CopyTo(words, (3 * 32) + 12);
            Number(4, Slashes);
            Request.ToBytes().CopyTo(words, 5 * 32);
            Number(6, (ulong)Round);
            Number(7, (ulong)Use);
            Number(8, (ulong)Index);
            EvidenceRoot.ToBytes().CopyTo(words, 9 * 32);
            ReceivingKeyHash.ToBytes().CopyTo(words, 10 * 32);
            Root.ToBytes().CopyTo(words, 11 * 32);
            return Digest.FromBytes(Keccak256.HashData(words));

            void Number(int word, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(words.AsSpan((32 * word) + 24), value);
        }
    }

    /// <summary>Hashes a receiving key.</summary>
    /// <param name="receivingKey">The key.</param>
    /// <returns>Keccak-256 of its 33 bytes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="receivingKey"/> is null.</exception>
    public static Digest HashReceivingKey(PublicKey receivingKey)
    {
        ArgumentNullException.ThrowIfNull(receivingKey);
        return Digest.FromBytes(Keccak256.HashData(receivingKey.ToBytes()));
    }

    /// <summary>The root over fragments: a Keccak-256 tree over keccak256(0x02 || be16(place) || fragment), padded with zeros to a power of two.</summary>
    /// <param name="fragments">1 to 2,474 fragments.</param>
    /// <returns>The root.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="fragments"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no fragment, or there are too many.</exception>
    public static Digest ComputeRoot(IReadOnlyList<DeliveredFragment> fragments)
    {
        ArgumentNullException.ThrowIfNull(fragments);
        return fragments.Count is > 0 and <= OracleDelivery.MaxFragments
            ? OracleDelivery.TreeOf(fragments).Root
            : throw new ArgumentException($"A delivery has 1 to {OracleDelivery.MaxFragments} fragments.", nameof(fragments));
    }

    /// <summary>Signs the statement.</summary>
    /// <param name="ledgerKey">The oracle's ledger key.</param>
    /// <returns>The signature.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="ledgerKey"/> is null.</exception>
    /// <remarks>One job, one statement: two different ones for a job are an offence.</remarks>
    public RecoverableSignature Sign(SecretKey ledgerKey)
    {
        ArgumentNullException.ThrowIfNull(ledgerKey);
        return ledgerKey.SignDigest(SigningDigest.ToBytes());
    }

    /// <summary>The address of the key that signed.</summary>
    /// <param name="signature">The signature.</param>
    /// <returns>The address, to compare with those of the oracle; null when no key can have signed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="signature"/> is null.</exception>
    public ActorId? RecoverSigner(RecoverableSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);

        // A contract's recovery knows the ids 0 and 1 alone.
        return signature.RecoveryId <= 1 && signature.TryRecover(SigningDigest.ToBytes(), out PublicKey? key) ? ActorId.FromPublicKey(key) : null;
    }

    /// <summary>Whether two statements are for one job and differ in the fragments: what no oracle may sign.</summary>
    /// <param name="other">The other.</param>
    /// <returns>Whether both signed are an equivocation.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="other"/> is null.</exception>
    public bool Contradicts(DeliveryStatement other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return this with { Root = other.Root, EvidenceRoot = other.EvidenceRoot, ReceivingKeyHash = other.ReceivingKeyHash } == other && this != other;
    }
}
