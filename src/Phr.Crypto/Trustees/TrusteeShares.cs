using System.Diagnostics;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

namespace Phr.Crypto;

/// <summary>One trustee's shares of all documents of a dealing, each checked against the dealer's commitments.</summary>
/// <remarks>Secret; wiped when disposed. A share is an ordinary Umbral delegating key (a_i), and leaves this type only as key fragments.</remarks>
[DebuggerDisplay("TrusteeShares")]
public sealed class TrusteeShares : IDisposable
{
    private readonly Dictionary<DocumentId, SecretKey> _keys;

    private TrusteeShares(VerifiedDealing dealing, int group, int member, Dictionary<DocumentId, SecretKey> keys)
    {
        Dealing = dealing;
        Group = group;
        Member = member;
        _keys = keys;
    }

    /// <summary>The dealing that the shares belong to.</summary>
    public VerifiedDealing Dealing { get; }

    /// <summary>The trustee's group, from 1.</summary>
    public int Group { get; }

    /// <summary>The trustee's place in the group, from 1.</summary>
    public int Member { get; }

    /// <summary>Opens a trustee's envelope of a patient's dealing and checks every share in it.</summary>
    /// <param name="dealing">The verified dealing.</param>
    /// <param name="group">The trustee's group, from 1.</param>
    /// <param name="member">The trustee's place in the group, from 1.</param>
    /// <param name="envelopeKey">The secret of the envelope key that the trustee offered for this bundle and epoch.</param>
    /// <param name="envelope">The sealed bytes.</param>
    /// <returns>The shares. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The policy has no such trustee.</exception>
    /// <exception cref="ArgumentException">The dealing is a reshared one, which has an envelope from each dealer: use the overload.</exception>
    /// <exception cref="PhrDataException">The envelope is not the one that the dealing names, does not open, or holds a share that is not the committed one: then the dealer is at fault and a complaint is due.</exception>
    public static TrusteeShares Open(VerifiedDealing dealing, int group, int member, SecretKey envelopeKey, ReadOnlySpan<byte> envelope)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        ArgumentNullException.ThrowIfNull(envelopeKey);
        return dealing.Dealing.IsReshared
            ? throw new ArgumentException("The trustees dealt this dealing: there is one envelope from each of its dealers.", nameof(dealing))
            : Open(dealing, new PolicySeat(group, member), envelopeKey, [envelope.ToArray()]);
    }

    /// <summary>Opens a trustee's envelopes, of a dealing of either kind, and checks every share that comes of them.</summary>
    /// <param name="dealing">The verified dealing.</param>
    /// <param name="seat">The trustee's seat in its policy.</param>
    /// <param name="envelopeKey">The secret of the envelope key that the trustee offered for this bundle and epoch.</param>
    /// <param name="envelopes">The sealed bytes, in the order of <see cref="Dealing.EnvelopesOf"/>: one from the patient, or one from each dealer.</param>
    /// <returns>The shares. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The policy has no such trustee.</exception>
    /// <exception cref="ArgumentException">The number of envelopes is not the dealing's.</exception>
    /// <exception cref="PhrDataException">An envelope is not the one that the dealing names, does not open, or what they hold is not the committed share: then a dealer is at fault and a complaint is due.</exception>
    public static TrusteeShares Open(VerifiedDealing dealing, PolicySeat seat, SecretKey envelopeKey, IReadOnlyList<ReadOnlyMemory<byte>> envelopes)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        ArgumentNullException.ThrowIfNull(envelopeKey);
        ArgumentNullException.ThrowIfNull(envelopes);
        Dealing deal = dealing.Dealing;
        if (deal.Policy.FindMember(seat) is null)
        {
            throw new ArgumentOutOfRangeException(nameof(seat), "The policy has no such trustee.");
        }

        IReadOnlyList<Digest> named = deal.EnvelopesOf(seat);
        if (envelopes.Count != named.Count)
        {
            throw new ArgumentException($"The dealing has {named.Count} envelopes for this trustee.", nameof(envelopes));
        }

        var contents = new List<EnvelopeContent>(named.Count);
        try
        {
            for (int i = 0; i < named.Count; i++)
            {
                if (Digest.Of(envelopes[i].Span) != named[i])
                {
                    throw Fault(PhrDataReason.DigestMismatch, "it is not the envelope that the dealing names for this trustee.");
                }

                contents.Add(deal.IsReshared
                    ? Envelope.Open(envelopeKey, deal.Dealers[i].Identity, deal.Dealers[i].ObjectKey, ReshareContribution.ShareContext(deal.Dealers[i].CoreDigest, seat), envelopes[i].Span)
                    : Envelope.Open(envelopeKey, deal.Patient, deal.PatientKey, Crypto.Dealing.ShareContext(deal.CoreDigest, seat.Group, seat.Member), envelopes[i].Span));
                if (contents[i].Length != deal.Documents.Count * SecretKey.Length)
                {
                    throw Fault(PhrDataReason.WrongLength, "it does not hold one share per document.");
                }
            }

            return Combine(dealing, seat, deal.IsReshared ? Redistribution.Weights<Scalar>([.. deal.Dealers.Select(d => d.Seat)]) : [Scalar.One], contents);
        }
        finally
        {
            contents.ForEach(c => c.Dispose());
        }
    }

    /// <summary>Gives a trustee its lost shares back from the sums of its helpers, each checked against the dealing.</summary>
    /// <param name="repair">The repair that the trustee asked for.</param>
    /// <param name="contributions">One contribution from each helper.</param>
    /// <param name="sums">One sum from each helper, with its envelope, in any order.</param>
    /// <param name="repairKey">The secret of the repair key. As long as it and the sums are kept, the shares can be had again; erase it when the dealing is superseded.</param>
    /// <returns>The shares. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The key is not the request's, or there is not exactly one contribution and one sum from each helper.</exception>
    /// <exception cref="PhrDataException">A helper's sum is not signed by it, does not open, or is not the sum of what was committed to; the detail names the helper.</exception>
    public static TrusteeShares Repair(
        ShareRepair repair, IEnumerable<VerifiedShareRepairContribution> contributions, IEnumerable<ShareRepairSumResult> sums, SecretKey repairKey)
    {
        ArgumentNullException.ThrowIfNull(repair);
        ArgumentNullException.ThrowIfNull(contributions);
        ArgumentNullException.ThrowIfNull(sums);
        ArgumentNullException.ThrowIfNull(repairKey);
        if (repairKey.PublicKey != repair.Request.RepairKey)
        {
            throw new ArgumentException("The key is not the request's repair key.", nameof(repairKey));
        }

        VerifiedShareRepairContribution[] all = repair.RequireAll(contributions, nameof(contributions));
        ShareRepairSumResult[] given = [.. sums.OrderBy(s => s.Sum.Helper)];
        if (!given.Select(s => s.Sum.Helper).SequenceEqual(repair.Request.Helpers))
        {
            throw new ArgumentException("There is not exactly one sum from each helper.", nameof(sums));
        }

        var contents = new List<EnvelopeContent>(given.Length);
        try
        {
            foreach (ShareRepairSumResult sum in given)
            {
                contents.Add(sum.Sum.Open(repair, all, repairKey, sum.Envelope.Bytes.Span));
            }

            return Combine(repair.Dealing, repair.Request.Seat, [.. given.Select(_ => Scalar.One)], contents);
        }
        finally
        {
            contents.ForEach(c => c.Dispose());
        }
    }

    /// <summary>Wipes the shares.</summary>
    public void Dispose()
    {
        foreach (SecretKey key in _keys.Values)
        {
            key.Dispose();
        }
    }

    /// <summary>The type's name; never a share.</summary>
    /// <returns><c>TrusteeShares</c>.</returns>
    public override string ToString() => nameof(TrusteeShares);

    // The weighted sums of what several sent, each compared with the public key that the dealing gives it.
    private static TrusteeShares Combine(VerifiedDealing dealing, PolicySeat seat, ReadOnlySpan<Scalar> weights, IReadOnlyList<EnvelopeContent> contents)
    {
        IReadOnlyList<DealtDocument> documents = dealing.Dealing.Documents;
        var keys = new Dictionary<DocumentId, SecretKey>(documents.Count);
        try
        {
            for (int d = 0; d < documents.Count; d++)
            {
                SecretKey key = Redistribution.Combine(DealtEnvelope.Stage, weights, contents, d * SecretKey.Length);
                keys.Add(documents[d].Id, key);
                if (key.PublicKey != documents[d].Commitments.MemberKey(seat.Group, seat.Member))
                {
                    throw Fault(
                        PhrDataReason.CommitmentMismatch,
                        $"the share of document {documents[d].Id} is not the committed one{(dealing.Dealing.IsReshared ? "; each dealer's contribution shows whether it is to blame." : ".")}");
                }
            }

            return new TrusteeShares(dealing, seat.Group, seat.Member, keys);
        }
        catch
        {
            foreach (SecretKey key in keys.Values)
            {
                key.Dispose();
            }

            throw;
        }
    }

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(DealtEnvelope.Stage, reason, detail);

    internal SecretKey? Find(DocumentId document) => _keys.GetValueOrDefault(document);
}
