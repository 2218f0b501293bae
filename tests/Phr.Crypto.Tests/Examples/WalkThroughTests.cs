using System.Text;

namespace Phr.Crypto.Tests.Examples;

/// <summary>The walk-through of the package's README, run as it stands there.</summary>
public sealed class WalkThroughTests
{
    [Fact]
    public async Task WalkThrough_SealShareApproveOpen_GivesTheDocumentBack()
    {
        #region walk-seal
        // The patient's keys, and the ledger on which all this will be registered (any 20 bytes will do to try it).
        using PatientKeys patient = PatientKeys.Generate();
        var ledger = new LedgerId(1, ActorId.Parse("00112233445566778899aabbccddeeff00112233"));

        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.phr");
        BundleHeader header;
        DocumentId scan;
        await using (FileStream output = File.Create(file))
        await using (BundleWriter writer = BundleWriter.Create(output, patient, ledger))
        {
            using var content = new MemoryStream(Encoding.UTF8.GetBytes("CT chest: no finding"));
            scan = await writer.AddAsync(content, new DocumentInfo("CT chest", "text/plain"));
            header = await writer.CompleteAsync();
        }

        // The patient opens it again. Nobody else can.
        await using (FileStream input = File.OpenRead(file))
        await using (BundleReader reader = await BundleReader.OpenAsync(input, patient.PublicKeys))
        {
            using var plaintext = new MemoryStream();
            await reader.DecryptAsync(scan, patient, plaintext);
        }
        #endregion

        #region walk-share
        // A trustee has an identity, and a key for this bundle and epoch to which its share is sealed.
        using IdentityKeys alice = IdentityKeys.Generate(), bob = IdentityKeys.Generate(), hospital = IdentityKeys.Generate();
        using SecretKey aliceEpoch = SecretKey.Generate(), bobEpoch = SecretKey.Generate(), hospitalEpoch = SecretKey.Generate();
        TrusteeMember Member(IdentityKeys keys, SecretKey epochKey) => new(
            keys.Id, organisation: default, keys.PublicKeys.ObjectKey, keys.PublicKeys.SignerKey, epochKey.PublicKey);

        // Two groups, and both must agree: any one of the guardians, and the hospital.
        var policy = new TrusteePolicy(
            groupThreshold: 2,
            [
                new TrusteeGroup("guardians", threshold: 1, [Member(alice, aliceEpoch), Member(bob, bobEpoch)]),
                new TrusteeGroup("hospital", threshold: 1, [Member(hospital, hospitalEpoch)]),
            ],
            new TrusteePolicyOptions { CommitteeThreshold = 2, CommitteeSize = 3 });

        DealingResult dealt = Dealing.Create(patient, header, policy);
        VerifiedDealing dealing = dealt.Dealing;                       // public: everyone may check it
        #endregion

        #region walk-approve
        // A doctor asks. The receiving key serves this request only, and is thrown away when the documents are open.
        using SecretKey receivingKey = SecretKey.Generate();
        var oracles = Enumerable.Range(0, 3).Select(_ => (Identity: IdentityKeys.Generate(), Envelopes: SecretKey.Generate())).ToList();
        var terms = new RequestTerms
        {
            Ledger = ledger,
            Request = RequestId.Parse(string.Concat(Enumerable.Repeat("2a", 32))),
            HeaderDigest = header.Digest,
            DealingDigest = dealing.Dealing.Digest,
            Epoch = dealing.Dealing.Epoch,
            ReceivingKey = receivingKey.PublicKey,
            PurposeDigest = Digest.Of("a salted commitment to the purpose"u8),
            NotAfter = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero),
            Committee = new OracleCommittee(2, oracles.Select(o => new CommitteeSeat(o.Identity.Id, o.Envelopes.PublicKey, o.Identity.PublicKeys.ObjectKey))),
        };

        // Each trustee opens its share, which checks it against the dealing's commitments, and approves.
        ApprovalResult Approve(int group, int member, SecretKey epochKey, IdentityKeys keys)
        {
            ShareEnvelope envelope = dealt.Envelopes.Single(e => e.Group == group && e.Member == member);
            using TrusteeShares shares = TrusteeShares.Open(dealing, group, member, epochKey, envelope.Bytes.Span);
            return TrusteeApproval.Create(shares, terms, [scan], keys);
        }

        ApprovalResult[] approvals = [Approve(1, 2, bobEpoch, bob), Approve(2, 1, hospitalEpoch, hospital)];
        #endregion

        #region walk-open
        // Two of the three oracles re-encrypt: they see neither the document nor a key that opens it.
        var combiner = new DocumentKeyCombiner(terms, dealing, receivingKey);
        foreach (ApprovalResult approval in approvals)
        {
            combiner.AddApproval(approval.Approval);
        }

        foreach (int index in new[] { 1, 3 })
        {
            (IdentityKeys identity, SecretKey envelopes) = oracles[index - 1];
            OpenedFragments[] fragments = [.. approvals.Select(a => a.Approval.OpenFragments(index, envelopes, a.Envelopes[index - 1].Bytes.Span))];
            byte[] delivery = OracleDelivery.Create(fragments, identity).Seal(terms);
            combiner.AddDelivery(OracleDelivery.Open(terms, index, receivingKey, delivery), index);
            Array.ForEach(fragments, f => f.Dispose());
        }

        // The doctor combines what was delivered, and opens that one document.
        if (!combiner.TryCombine(scan, out DocumentKey? key, out string missing))
        {
            throw new InvalidOperationException(missing);
        }

        using var opened = new MemoryStream();
        using (key)
        await using (FileStream input = File.OpenRead(file))
        await using (BundleReader reader = await BundleReader.OpenAsync(input, patient.PublicKeys))
        {
            await reader.DecryptAsync(scan, key, opened);
        }

        string text = Encoding.UTF8.GetString(opened.ToArray());        // "CT chest: no finding"
        #endregion

        Assert.Equal("CT chest: no finding", text);
        Assert.Empty(combiner.Faults);
        File.Delete(file);
        oracles.ForEach(o =>
        {
            o.Identity.Dispose();
            o.Envelopes.Dispose();
        });
    }
}
