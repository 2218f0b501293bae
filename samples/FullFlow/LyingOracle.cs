using System.Formats.Cbor;
using System.Text;
using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Samples.FullFlow;

/// <summary>An oracle that re-encrypts wrongly and signs for it: it swaps the two points of every capsule fragment and keeps the proof.</summary>
internal static class LyingOracle
{
    /// <summary>Delivers falsely, with the oracle's own keys.</summary>
    public static async Task DeliverAsync(ConsentServices services, IdentityKeys oracle, ISecretStore secrets, RequestId request, CancellationToken ct)
    {
        (OracleDelivery lie, byte[] envelope, int index) = await MakeAsync(services, oracle, secrets, request, ct);
        await services.Exchange.PutBlockAsync(envelope, ct);
        var command = new RecordDelivery
        {
            Actor = oracle.Id,
            RequestId = request,
            Index = index,
            DeliveryDigest = lie.Digest,
            EnvelopeDigest = Digest.Of(envelope),
        };
        await services.Ledger.SubmitAsync(command, oracle.LedgerKey, ct);
    }

    /// <summary>Makes a false delivery, signed as it has to be, and seals it to the doctor.</summary>
    /// <param name="services">Ledger and stores.</param>
    /// <param name="oracle">Its keys.</param>
    /// <param name="secrets">Its secrets.</param>
    /// <param name="request">The request.</param>
    /// <param name="ct">Cancels.</param>
    /// <param name="truths">How many of its fragments, the first ones, are made as they should be.</param>
    public static async Task<(OracleDelivery Delivery, byte[] Envelope, int Index)> MakeAsync(ConsentServices services, IdentityKeys oracle, ISecretStore secrets, RequestId request, CancellationToken ct, Func<int, int>? truths = null)
    {
        RequestDossier dossier = await RequestDossier.LoadAsync(services, request, ct);
        int index = dossier.Request.FindCommitteeIndex(oracle.Id)!.Value;
        string name = (await secrets.ListAsync("oracle-envelope-key/", ct)).Single();
        using SecretValue secret = (await secrets.GetAsync(name, ct))!;
        using SecretKey envelopeKey = SecretKey.FromBytes(secret.Bytes);
        (IReadOnlyList<VerifiedApproval> approvals, _) = await dossier.LoadApprovalsAsync(services, ct);
        var opened = new List<OpenedFragments>();
        foreach (VerifiedApproval approval in approvals)
        {
            try
            {
                opened.Add(approval.OpenFragments(index, envelopeKey, await services.Exchange.GetBlockAsync(approval.Approval.EnvelopeDigests[index - 1], ct)));
            }
            catch (PhrDataException)
            {
                // A trustee that lies as well is no use to it.
            }
        }

        OracleDelivery honest = OracleDelivery.Create(opened, oracle);
        OracleDelivery lie = Falsify(honest, oracle, truths?.Invoke(honest.Fragments.Count) ?? 0);
        opened.ForEach(o => o.Dispose());
        return (lie, lie.Seal(dossier.Terms), index);
    }

    private static OracleDelivery Falsify(OracleDelivery honest, IdentityKeys oracle, int truths)
    {
        var reader = new CborReader(honest.ToBytes());
        reader.ReadStartArray();
        string tag = reader.ReadTextString();
        byte[] payload = reader.ReadByteString();
        foreach (DeliveredFragment fragment in honest.Fragments.Skip(truths))
        {
            byte[] bytes = fragment.Bytes.ToArray();
            Span<byte> place = payload.AsSpan(payload.AsSpan().IndexOf(bytes));
            bytes.AsSpan(33, 33).CopyTo(place);
            bytes.AsSpan(0, 33).CopyTo(place[33..]);
        }

        // It signs for what it delivers, or no client would take it.
        byte[] signature = Sealed(tag, payload, oracle).Statement.Sign(oracle.LedgerKey).ToBytes();
        signature.CopyTo(payload.AsSpan(payload.AsSpan().IndexOf(honest.StatementSignature.ToBytes())));
        return Sealed(tag, payload, oracle);
    }

    private static OracleDelivery Sealed(string tag, byte[] payload, IdentityKeys oracle)
    {
        Signature signature = oracle.ObjectSigner.Sign([.. Encoding.ASCII.GetBytes(tag), 0, .. payload]);
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartArray(3);
        writer.WriteTextString(tag);
        writer.WriteByteString(payload);
        writer.WriteByteString(signature.ToBytes());
        writer.WriteEndArray();
        return OracleDelivery.FromBytes(writer.Encode());
    }
}
