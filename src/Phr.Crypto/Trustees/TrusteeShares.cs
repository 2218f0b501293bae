using System.Diagnostics;

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

    /// <summary>Opens a trustee's envelope and checks every share in it.</summary>
    /// <param name="dealing">The verified dealing.</param>
    /// <param name="group">The trustee's group, from 1.</param>
    /// <param name="member">The trustee's place in the group, from 1.</param>
    /// <param name="envelopeKey">The secret of the envelope key that the trustee offered for this bundle and epoch.</param>
    /// <param name="envelope">The sealed bytes.</param>
    /// <returns>The shares. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The policy has no such trustee.</exception>
    /// <exception cref="PhrDataException">The envelope is not the one that the dealing names, does not open, or holds a share that is not the committed one: then the dealer is at fault and a complaint is due.</exception>
    public static TrusteeShares Open(VerifiedDealing dealing, int group, int member, SecretKey envelopeKey, ReadOnlySpan<byte> envelope)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        ArgumentNullException.ThrowIfNull(envelopeKey);
        Dealing deal = dealing.Dealing;
        if (deal.Policy.FindMember(group, member) is null)
        {
            throw new ArgumentOutOfRangeException(nameof(member), "The policy has no such trustee.");
        }

        int index = deal.Policy.Groups.Take(group - 1).Sum(g => g.Members.Count) + member - 1;
        if (Digest.Of(envelope) != deal.EnvelopeDigests[index])
        {
            throw new PhrDataException("share envelope", PhrDataReason.DigestMismatch, "it is not the envelope that the dealing names for this trustee.");
        }

        using EnvelopeContent content = Envelope.Open(
            envelopeKey, deal.Patient, deal.PatientKey, Crypto.Dealing.ShareContext(deal.CoreDigest, group, member), envelope);
        if (content.Bytes.Length != deal.Documents.Count * SecretKey.Length)
        {
            throw new PhrDataException("share envelope", PhrDataReason.WrongLength, "it does not hold one share per document.");
        }

        var keys = new Dictionary<DocumentId, SecretKey>(deal.Documents.Count);
        try
        {
            for (int d = 0; d < deal.Documents.Count; d++)
            {
                DealtDocument document = deal.Documents[d];
                if (!SecretKey.TryFromBytes(content.Bytes.Slice(d * SecretKey.Length, SecretKey.Length), out SecretKey? key))
                {
                    throw new PhrDataException("share envelope", PhrDataReason.InvalidScalar, $"the share of document {document.Id} is not a scalar.");
                }

                keys.Add(document.Id, key);
                if (key.PublicKey != document.Commitments.MemberKey(group, member))
                {
                    throw new PhrDataException("share envelope", PhrDataReason.CommitmentMismatch, $"the share of document {document.Id} is not the one that the dealer committed to.");
                }
            }

            return new TrusteeShares(dealing, group, member, keys);
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

    internal SecretKey? Find(DocumentId document) => _keys.GetValueOrDefault(document);
}
