using System.Formats.Cbor;
using System.Text;
using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>The ledger as a trustee sees it who approves with fragments that do not hide its share, and signs for it: its approval is replaced on the way.</summary>
internal sealed class LyingTrustee(IConsentLedger inner, IContentStore exchange, IdentityKeys trustee) : CrashingLedger(inner, new CrashPoint(0, false))
{
    private const string Tag = "phr/approval-statement/v1";

    public override async Task<LedgerReceipt> SubmitAsync(SignedCommand command, CancellationToken cancellationToken = default)
    {
        if (command.Command is not ApproveRequest approve)
        {
            return await base.SubmitAsync(command, cancellationToken);
        }

        TrusteeApproval lie = Falsify(TrusteeApproval.FromBytes(await exchange.GetBlockAsync(approve.ApprovalDigest, cancellationToken)));
        await exchange.PutBlockAsync(lie.ToBytes(), cancellationToken);
        return await base.SubmitAsync(SignedCommand.Sign(approve with { ApprovalDigest = lie.Digest }, command.Nonce, Id, trustee.LedgerKey), cancellationToken);
    }

    private TrusteeApproval Falsify(TrusteeApproval honest)
    {
        var reader = new CborReader(honest.ToBytes());
        reader.ReadStartArray();
        reader.ReadTextString();
        byte[] payload = reader.ReadByteString();
        foreach (FragmentCommitment commitment in honest.Documents.SelectMany(document => document.Fragments))
        {
            using SecretKey other = SecretKey.Generate();
            other.PublicKey.ToBytes().CopyTo(payload.AsSpan(payload.AsSpan().IndexOf(commitment.Commitment.ToBytes())));
        }

        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartArray(3);
        writer.WriteTextString(Tag);
        writer.WriteByteString(payload);
        writer.WriteByteString(trustee.ObjectSigner.Sign([.. Encoding.ASCII.GetBytes(Tag), 0, .. payload]).ToBytes());
        writer.WriteEndArray();
        return TrusteeApproval.FromBytes(writer.Encode());
    }
}
