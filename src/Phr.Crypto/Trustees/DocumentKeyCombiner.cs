using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

namespace Phr.Crypto;

/// <summary>
/// The doctor's side: takes deliveries, checks every capsule fragment, recombines per trustee as plain Umbral does up to the
/// trustee's shared point, checks that point against the trustee's public key, and interpolates over the two levels of the policy.
/// </summary>
/// <remarks>
/// For trustee i: P_i = a_i·(E + V), checked by s·A_i = h·a_iE + a_iV; then Σ λ_g·λ_gi·P_i = a·(E + V), the preimage of the
/// document's key. No delegating key and no share is rebuilt. Every bad contribution is in <see cref="Faults"/>. Not thread safe.
/// </remarks>
public sealed class DocumentKeyCombiner
{
    private readonly RequestTerms _terms;
    private readonly IReceiver _receivingKey;
    private readonly List<VerifiedApproval> _approvals = [];
    private readonly Dictionary<(DocumentId Document, int Group, int Member), SortedDictionary<int, VerifiedCapsuleFrag>> _frags = [];
    private readonly HashSet<int> _delivered = [];
    private readonly List<ContributionFault> _faults = [];
    private readonly VerifiedDealing _dealing;

    /// <summary>Creates a combiner for one request.</summary>
    /// <param name="terms">The request.</param>
    /// <param name="dealing">The dealing that it pins.</param>
    /// <param name="receivingKey">The secret of the request's receiving key; the caller keeps and disposes it.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The key is not the request's, or the dealing is another.</exception>
    public DocumentKeyCombiner(RequestTerms terms, VerifiedDealing dealing, SecretKey receivingKey)
        : this(terms, dealing, (IReceiver)receivingKey)
    {
    }

    /// <summary>Creates a combiner for one request whose receiver is a team.</summary>
    /// <param name="terms">The request.</param>
    /// <param name="dealing">The dealing that it pins.</param>
    /// <param name="receiver">What the team's members worked out for this request; the caller keeps and disposes it. It must cover every approval that is added.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The receiver's key is not the request's, or the dealing is another.</exception>
    public DocumentKeyCombiner(RequestTerms terms, VerifiedDealing dealing, TeamReceiver receiver)
        : this(terms, dealing, (IReceiver)receiver)
    {
    }

    private DocumentKeyCombiner(RequestTerms terms, VerifiedDealing dealing, IReceiver receivingKey)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(dealing);
        ArgumentNullException.ThrowIfNull(receivingKey);
        if (receivingKey.PublicKey != terms.ReceivingKey)
        {
            throw new ArgumentException("The key is not the request's receiving key.", nameof(receivingKey));
        }

        if (dealing.Dealing.Digest != terms.DealingDigest)
        {
            throw new ArgumentException("The request pins another dealing.", nameof(dealing));
        }

        _terms = terms;
        _dealing = dealing;
        _receivingKey = receivingKey;
    }

    /// <summary>Every bad contribution found so far.</summary>
    public IReadOnlyList<ContributionFault> Faults => _faults;

    /// <summary>Takes an approval, if its announced fragments hide the trustee's share; else the trustee is named in <see cref="Faults"/>.</summary>
    /// <param name="approval">The verified approval.</param>
    /// <returns>Whether it was taken. An approval given twice is taken once.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="approval"/> is null.</exception>
    /// <exception cref="ArgumentException">The approval belongs to another request.</exception>
    public bool AddApproval(VerifiedApproval approval)
    {
        ArgumentNullException.ThrowIfNull(approval);
        if (approval.Terms.Request != _terms.Request || approval.Terms.Committee.Digest != _terms.Committee.Digest)
        {
            throw new ArgumentException("The approval belongs to another request.", nameof(approval));
        }

        if (_approvals.Any(a => a.Approval.Group == approval.Approval.Group && a.Approval.Member == approval.Approval.Member))
        {
            return true;
        }

        if (!approval.HidesTheShare(_receivingKey, out DocumentId faulty))
        {
            TrusteeAtFault(approval, faulty, PhrDataReason.CommitmentMismatch, "the fragments that it announced do not hide its share.");
            return false;
        }

        _approvals.Add(approval);
        return true;
    }

    /// <summary>Takes an oracle's delivery and verifies every capsule fragment in it; each bad one names the oracle in <see cref="Faults"/>.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="index">The seat from which it came, from 1.</param>
    /// <returns>Whether all its fragments that belong to taken approvals are good. A second delivery of a seat is ignored.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="delivery"/> is null.</exception>
    public bool AddDelivery(OracleDelivery delivery, int index)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        try
        {
            delivery.RequireSeat(_terms, index);
        }
        catch (PhrDataException e)
        {
            OracleAtFault(index, null, default, e.Reason, e.Message);
            return false;
        }

        if (!_delivered.Add(index))
        {
            return true;
        }

        if (delivery.Statement.EvidenceRoot != _dealing.EvidenceRoot)
        {
            OracleAtFault(index, null, default, PhrDataReason.Mismatched, "it names other terms than the dealing has.");
            return false;
        }

        bool good = true;
        foreach (DeliveredFragment fragment in delivery.Fragments.Where(f => f.Place >= _dealing.PlaceCount))
        {
            OracleAtFault(index, null, default, PhrDataReason.NotFound, $"it has a fragment for place {fragment.Place}, which the dealing does not have.");
            good = false;
        }

        var candidates = new List<(VerifiedApproval Approval, CapsuleFragClaim Claim, DocumentId Document)>();
        foreach (VerifiedApproval approval in _approvals)
        {
            foreach (ApprovedDocument document in approval.Approval.Documents)
            {
                int place = _dealing.FindPlace(document.Id, approval.Approval.Group, approval.Approval.Member)!.Value;
                DeliveredFragment? fragment = delivery.Fragments.FirstOrDefault(f => f.Place == place);
                if (fragment is null)
                {
                    // An approval that came after the oracle had served is not in its delivery: no fault.
                    continue;
                }

                Capsule capsule = _dealing.FindDocument(document.Id)!.Capsule;
                FragmentCommitment announced = document.Fragments[index - 1];
                if (fragment.CapsuleFrag is not { } frag)
                {
                    OracleAtFault(index, approval, document.Id, PhrDataReason.Malformed, "what it signed for is no fragment.");
                    good = false;
                }
                else if (frag.Precursor != document.Precursor || !announced.Id.ToBytes().AsSpan().SequenceEqual(frag.Id)
                    || frag.Commitment != announced.Commitment)
                {
                    OracleAtFault(index, approval, document.Id, PhrDataReason.Mismatched, "it did not use the fragment that the trustee made for it.");
                    good = false;
                }
                else
                {
                    candidates.Add((approval, new CapsuleFragClaim
                    {
                        CapsuleFrag = frag,
                        Capsule = capsule,
                        VerifyingKey = approval.SignerKey,
                        DelegatingKey = _dealing.FindMemberKey(document.Id, approval.Approval.Group, approval.Approval.Member)!,
                        ReceivingKey = _terms.ReceivingKey,
                    }, document.Id));
                }
            }
        }

        IReadOnlyList<VerifiedCapsuleFrag?> verified = CapsuleFrag.VerifyMany([.. candidates.Select(c => c.Claim)]);
        for (int i = 0; i < candidates.Count; i++)
        {
            (VerifiedApproval approval, _, DocumentId document) = candidates[i];
            if (verified[i] is not { } frag)
            {
                OracleAtFault(index, approval, document, PhrDataReason.InvalidProof, "its re-encryption is not proved.");
                good = false;
                continue;
            }

            (DocumentId, int, int) key = (document, approval.Approval.Group, approval.Approval.Member);
            if (!_frags.TryGetValue(key, out SortedDictionary<int, VerifiedCapsuleFrag>? frags))
            {
                _frags.Add(key, frags = []);
            }

            frags.Add(index, frag);
        }

        foreach (DocumentId document in _approvals.SelectMany(a => a.Approval.Documents).Select(d => d.Id).Distinct())
        {
            (int, int)[] places =
            [
                .. delivery.Fragments.Select(f => _dealing.AtPlace(f.Place)).Where(at => at?.Document == document).Select(at => (at!.Value.Group, at.Value.Member)),
            ];
            if (!places.Contains((0, 0)) && !_dealing.Dealing.Policy.Shape.IsSatisfiedBy(places))
            {
                // An honest oracle delivers only what satisfies the policy, whoever of the trustees was late or bad.
                OracleAtFault(index, null, document, PhrDataReason.BelowThreshold, "its delivery satisfies no quorum for the document.");
                good = false;
            }
        }

        return good;
    }

    /// <summary>Combines what has been taken into the key of one document.</summary>
    /// <param name="document">The document.</param>
    /// <param name="key">The document's key, or null. The caller disposes it.</param>
    /// <param name="missing">What is still missing, for a person; empty when it worked.</param>
    /// <returns>Whether enough good contributions were there.</returns>
    /// <exception cref="PhrDataException">The combined key does not open the header's entry although every contribution was proved good.</exception>
    public bool TryCombine(DocumentId document, [NotNullWhen(true)] out DocumentKey? key, out string missing)
    {
        key = null;
        if (_dealing.FindDocument(document) is not { } entry)
        {
            missing = "the bundle has no such document.";
            return false;
        }

        var contributions = new Dictionary<(int Group, int Member), (Point E, Point V)>();
        foreach (VerifiedApproval approval in _approvals)
        {
            int group = approval.Approval.Group, member = approval.Approval.Member;
            if (!_frags.TryGetValue((document, group, member), out SortedDictionary<int, VerifiedCapsuleFrag>? frags) || frags.Count < _terms.Committee.Threshold)
            {
                continue;
            }

            CombinedFrags combined = Umbral.Combine(_receivingKey, [.. frags.Values.Take(_terms.Committee.Threshold)]);
            if (!combined.ClosingEquationHolds(_dealing.FindMemberKey(document, group, member)!, entry.Capsule))
            {
                TrusteeAtFault(approval, document, PhrDataReason.CommitmentMismatch, "its contribution does not carry its share.");
                continue;
            }

            contributions[(group, member)] = (combined.E * combined.D, combined.V * combined.D);
        }

        Point e = Point.Identity, v = Point.Identity;
        if (contributions.TryGetValue((0, 0), out (Point E, Point V) own))
        {
            (e, v) = own;
        }
        else
        {
            SharingShape shape = _dealing.Dealing.Policy.Shape;
            if (!shape.IsSatisfiedBy(contributions.Keys))
            {
                missing = _approvals.Any(a => a.Approval.Group == 0)
                    ? $"the patient consented, and {CountFrags(document, 0, 0)} of the {_terms.Committee.Threshold} oracles that it takes have served well."
                    : $"{contributions.Count} of {_approvals.Count} approving trustees' contributions are complete ({_terms.Committee.Threshold} oracles each); the policy asks for {shape.GroupThreshold} groups.";
                return false;
            }

            (int Group, int Member, Scalar Coefficient)[] places = [.. GroupLagrange.Coefficients(shape, contributions.Keys)];
            Scalar[] coefficients = [.. places.Select(p => p.Coefficient)];
            e = Point.MultiScalar(coefficients, [.. places.Select(p => contributions[(p.Group, p.Member)].E)]);
            v = Point.MultiScalar(coefficients, [.. places.Select(p => contributions[(p.Group, p.Member)].V)]);
        }

        Capsule capsule = entry.Capsule;
        if (entry.DelegatingKey.Point * capsule.S != (e * capsule.Challenge) + v)
        {
            throw new PhrDataException("document key", PhrDataReason.InvalidProof, "the trustees' contributions do not combine to the document's delegating key.");
        }

        using var shared = new SecretBytes(Point.Length);
        (e + v).WriteBytes(shared.Reveal());
        using var capsuleKey = new CapsuleKey(shared);
        key = _dealing.Header.UnwrapKey(document, capsuleKey);
        missing = string.Empty;
        return true;
    }

    private int CountFrags(DocumentId document, int group, int member) =>
        _frags.TryGetValue((document, group, member), out SortedDictionary<int, VerifiedCapsuleFrag>? frags) ? frags.Count : 0;

    private void OracleAtFault(int index, VerifiedApproval? approval, DocumentId document, PhrDataReason reason, string detail)
    {
        ActorId actor = index >= 1 && index <= _terms.Committee.Seats.Count ? _terms.Committee.Seats[index - 1].Oracle : default;
        _faults.Add(new ContributionFault(FaultyParty.Oracle, actor, index, approval?.Approval.Group ?? 0, approval?.Approval.Member ?? 0, document, reason, detail));
    }

    private void TrusteeAtFault(VerifiedApproval approval, DocumentId document, PhrDataReason reason, string detail)
    {
        TrusteeApproval a = approval.Approval;
        var fault = new ContributionFault(FaultyParty.Trustee, a.Approver, 0, a.Group, a.Member, document, reason, detail);
        if (!_faults.Contains(fault))
        {
            _faults.Add(fault);
        }
    }
}
