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
        var keys = new Dictionary<DocumentId, SecretKey>(deal.Documents.Count);
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

            Scalar[] weights = deal.IsReshared ? Redistribution.Weights<Scalar>([.. deal.Dealers.Select(d => d.Seat)]) : [Scalar.One];
            for (int d = 0; d < deal.Documents.Count; d++)
            {
                DealtDocument document = deal.Documents[d];
                SecretKey key = Redistribution.Combine(DealtEnvelope.Stage, weights, contents, d * SecretKey.Length);
                keys.Add(document.Id, key);
                if (key.PublicKey != document.Commitments.MemberKey(seat.Group, seat.Member))
                {
                    throw Fault(PhrDataReason.CommitmentMismatch, $"the share of document {document.Id} is not the committed one.");
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

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(DealtEnvelope.Stage, reason, detail);

    internal SecretKey? Find(DocumentId document) => _keys.GetValueOrDefault(document);
}
