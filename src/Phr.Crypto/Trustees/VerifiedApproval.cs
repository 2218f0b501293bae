using Phr.Crypto.Memory;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>An approval that was checked against the request and the dealing. Made only by <see cref="TrusteeApproval.Verify"/>.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class VerifiedApproval
{
    internal VerifiedApproval(TrusteeApproval approval, VerifiedDealing dealing, RequestTerms terms)
    {
        Approval = approval;
        Dealing = dealing;
        Terms = terms;
        SignerKey = approval.Group == 0
            ? dealing.Dealing.PatientSignerKey
            : dealing.Dealing.Policy.FindMember(approval.Group, approval.Member)!.SignerKey;
    }

    /// <summary>The approval.</summary>
    public TrusteeApproval Approval { get; }

    /// <summary>The dealing that it rests on.</summary>
    public VerifiedDealing Dealing { get; }

    /// <summary>The request that it approves.</summary>
    public RequestTerms Terms { get; }

    /// <summary>Verifies the Umbral signatures on the approval's key fragments.</summary>
    internal PublicKey SignerKey { get; }

    /// <summary>
    /// Checks, with the doctor's secret alone and before any oracle has served, that the fragments announced for every document
    /// hide the trustee's share: d·Σ λ_k·U1_k = C_i for the first m fragments, and every further fragment on the same polynomial.
    /// </summary>
    /// <param name="receivingKey">The secret of the request's receiving key.</param>
    /// <param name="faultyDocument">The first document for which the check fails, or the default value.</param>
    /// <returns>Whether all documents pass. If not, the trustee is at fault, never an oracle.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="receivingKey"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="receivingKey"/> is not the request's.</exception>
    /// <remarks>Cost per document: 1 + n·m scalar multiplications for a committee of n with threshold m.</remarks>
    public bool HidesTheShare(SecretKey receivingKey, out DocumentId faultyDocument) => HidesTheShare((IReceiver)receivingKey, out faultyDocument);

    /// <summary>Opens the fragments that were sealed to one oracle and checks each: Umbral's signatures under the trustee's key, the share's public key, id, commitment and precursor.</summary>
    /// <param name="index">The oracle's seat, from 1.</param>
    /// <param name="envelopeKey">The secret of the envelope key that the seat names.</param>
    /// <param name="envelope">The sealed bytes.</param>
    /// <returns>The checked fragments. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="envelopeKey"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such seat.</exception>
    /// <exception cref="PhrDataException">The envelope is not the announced one, does not open, or holds a fragment that fails a check: the trustee is at fault, and the oracle files a refusal.</exception>
    public OpenedFragments OpenFragments(int index, SecretKey envelopeKey, ReadOnlySpan<byte> envelope)
    {
        ArgumentNullException.ThrowIfNull(envelopeKey);
        ArgumentOutOfRangeException.ThrowIfLessThan(index, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, Terms.Committee.Seats.Count);
        const string stage = "fragment envelope";
        if (Digest.Of(envelope) != Approval.EnvelopeDigests[index - 1])
        {
            throw new PhrDataException(stage, PhrDataReason.DigestMismatch, "it is not the envelope that the approval names for this oracle.");
        }

        PublicKey senderKey = Approval.Group == 0
            ? Dealing.Dealing.PatientKey
            : Dealing.Dealing.Policy.FindMember(Approval.Group, Approval.Member)!.ObjectKey;
        using EnvelopeContent content = Envelope.Open(
            envelopeKey, Approval.Approver, senderKey, Terms.FragmentContext(Approval.Group, Approval.Member, index), envelope);
        byte[] plaintext = content.Bytes.ToArray();
        var read = new List<(KeyFrag KeyFrag, PublicKey Delegating)>(Approval.Documents.Count);
        try
        {
            var reader = new CanonicalCborReader(stage, plaintext, Envelope.MaxLength);
            reader.BeginArray(Approval.Documents.Count);
            foreach (ApprovedDocument document in Approval.Documents)
            {
                reader.BeginArray(2);
                if (reader.DocumentId() != document.Id)
                {
                    throw reader.Fault(PhrDataReason.Mismatched, "it holds fragments of other documents than the approval names.");
                }

                byte[] encoded = reader.BytesExactly(KeyFrag.Length);
                reader.EndArray();
                FragmentCommitment announced = document.Fragments[index - 1];
                KeyFrag keyFrag = KeyFrag.FromBytes(encoded, document.Precursor, announced.Commitment);
                System.Security.Cryptography.CryptographicOperations.ZeroMemory(encoded);
                read.Add((keyFrag, Dealing.FindMemberKey(document.Id, Approval.Group, Approval.Member)!));
                if (!announced.Id.ToBytes().AsSpan().SequenceEqual(keyFrag.Id) || keyFrag.Precursor != document.Precursor || keyFrag.Commitment != announced.Commitment)
                {
                    throw reader.Fault(PhrDataReason.Mismatched, $"the fragment of document {document.Id} is not the one that the approval announces.");
                }
            }

            reader.EndArray();
            reader.End();

            // Without both flags the signature for the receiver goes unchecked here, fails there, and the oracle would seem at fault.
            return KeyFrag.FindUnverified(read, SignerKey, Terms.ReceivingKey, RandomSource.System) is { } bad
                ? throw reader.Fault(PhrDataReason.InvalidSignature, $"the fragment of document {Approval.Documents[bad].Id} does not verify under the trustee's keys.")
                : new OpenedFragments(this, index, [.. read.Select((fragment, i) => (Approval.Documents[i].Id, new VerifiedKeyFrag(fragment.KeyFrag)))]);
        }
        catch
        {
            foreach ((KeyFrag keyFrag, _) in read)
            {
                keyFrag.Dispose();
            }

            throw;
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    internal bool HidesTheShare(IReceiver receivingKey, out DocumentId faultyDocument)
    {
        ArgumentNullException.ThrowIfNull(receivingKey);
        if (receivingKey.PublicKey != Terms.ReceivingKey)
        {
            throw new ArgumentException("The key is not the request's receiving key.", nameof(receivingKey));
        }

        int m = Terms.Committee.Threshold;
        foreach (ApprovedDocument document in Approval.Documents)
        {
            PublicKey expected = document.OwnCommitment?.Commitment ?? Dealing.CommitmentOf(document.Id, Approval.Group, Approval.Member);
            for (int last = m - 1; last < document.Fragments.Count; last++)
            {
                (byte[], PublicKey)[] chosen = [.. document.Fragments.Take(m - 1).Append(document.Fragments[last]).Select(f => (f.Id.ToBytes(), f.Commitment))];
                if (Umbral.CombineCommitments(receivingKey, document.Precursor, chosen) != expected.Point)
                {
                    faultyDocument = document.Id;
                    return false;
                }
            }
        }

        faultyDocument = default;
        return true;
    }
}
