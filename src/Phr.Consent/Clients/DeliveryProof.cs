using Phr.Crypto;

namespace Phr.Consent;

/// <summary>All that it takes to show that one delivery is false: what the oracle signed, the signature, and the evidence.</summary>
/// <param name="Statement">What the oracle signed with its ledger key.</param>
/// <param name="Signature">The signature.</param>
/// <param name="Evidence">What shows it to be false.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DeliveryProof(DeliveryStatement Statement, RecoverableSignature Signature, DeliveryEvidence Evidence)
{
    /// <summary>Looks for what can be shown of a delivery that was opened and found bad.</summary>
    internal static DeliveryProof? Find(OracleDelivery delivery, RequestDossier dossier)
    {
        DeliveryEvidence? evidence = delivery.Statement.EvidenceRoot == dossier.Dealing.EvidenceRoot
            ? DeliveryEvidence.Find(delivery, dossier.Dealing)
            : DeliveryEvidence.OfTerms(dossier.Asked.ToPreimage(dossier.Terms.Ledger));
        return evidence is null ? null : new DeliveryProof(delivery.Statement, delivery.StatementSignature, evidence);
    }
}
