using System.Text;
using System.Text.Json;
using Phr.Crypto;
using Phr.Crypto.Bundles;
using Phr.Crypto.Content;
using Phr.Crypto.Hashing;
using Phr.Crypto.Keys;
using Phr.Crypto.Memory;
using Phr.Crypto.Search;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Tests.Search;
using Phr.Crypto.Tests.Teams;
using Phr.Crypto.Tests.Trustees;
using Phr.Shared;
using Phr.TestSupport;

namespace Phr.Fuzz;

/// <summary>Every reader of Phr.Crypto and Phr.Ml, and those of Phr.Storage and Phr.Records. A test compares the list with the first two.</summary>
internal static class FuzzTargets
{
    // Keys that never change, so that a kept input means the same in every run.
    private static readonly byte[] Root = [.. Enumerable.Range(0, 32).Select(i => (byte)(0x5a ^ i))];
    private static readonly Lazy<IdentityKeys> Actor = new(() => IdentityKeys.FromRootSecret(Root));
    private static readonly Lazy<PatientKeys> Patient = new(() => PatientKeys.FromRecoverySecret(Root));
    private static readonly Lazy<SecretKey> Recipient = new(() => SecretKey.FromBytes(Root));
    private static readonly Lazy<TrusteeWorld> World = new(() => TrusteeWorld.CreateAsync(2, [(2, 3), (1, 1)], documents: 2, label: DrillAnswer.Label).GetAwaiter().GetResult());
    private static readonly Lazy<ReshareWorld> Reshare = new(() => ReshareWorld.CreateAsync(2, [(2, 3), (1, 1)]).GetAwaiter().GetResult());
    private static readonly Lazy<(byte[] Request, byte[] Contribution, byte[] Sum)> Repair = new(MakeRepair);
    private static readonly Lazy<SearchScene> Search = new(() => SearchScene.CreateAsync("mutations", SearchScene.Words("pain")).GetAwaiter().GetResult());
    private static readonly Lazy<TeamBytes> Team = new(MakeTeam);
    private static readonly LedgerId Ledger = TrusteeWorld.Ledger;
    private static readonly DateTimeOffset From = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private static readonly Lazy<(BundleHeader Header, byte[] Plaintext)> Info = new(() =>
    {
        JsonElement one = VectorCase("info");
        return (BundleHeader.FromBytes(Convert.FromHexString(one.GetProperty("input").GetString()!)), Convert.FromHexString(one.GetProperty("result").GetProperty("plaintext").GetString()!));
    });

    /// <summary>The targets, in the order of a campaign.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Fixed("ids", [typeof(ActorId), typeof(BundleId), typeof(DocumentId), typeof(RequestId), typeof(Digest)], () => [new byte[16], new byte[20], new byte[32]], ReadIds),
        Canonical("public-key", typeof(PublicKey), () => [Actor.Value.PublicKeys.ObjectKey.ToBytes()], b => PublicKey.FromBytes(b).ToBytes()),
        Canonical("secret-key", typeof(SecretKey), () => [Root], b => Export(SecretKey.FromBytes(b))),
        Canonical("signature", typeof(Signature), () => [Recipient.Value.SignDigest(Root).Signature.ToBytes()], b => Signature.FromBytes(b).ToBytes()),
        Canonical("recoverable-signature", typeof(RecoverableSignature), () => [Recipient.Value.SignDigest(Root).ToBytes()], b =>
        {
            RecoverableSignature signature = RecoverableSignature.FromBytes(b);
            if (signature.TryRecover(Root, out PublicKey? key) && !key.ToBytes().AsSpan().StartsWith((byte)2) && !key.ToBytes().AsSpan().StartsWith((byte)3))
            {
                throw new FuzzFaultException("a recovered key is not in its one form.");
            }

            return signature.ToBytes();
        }),
        Canonical("capsule", typeof(Capsule), () => [Umbral.Encrypt(Recipient.Value.PublicKey, Root).Capsule.ToBytes()], b => Capsule.FromBytes(b).ToBytes()),
        Canonical("capsule-simple", typeof(Capsule), () => [Umbral.Encrypt(Recipient.Value.PublicKey, Root).Capsule.ToSimpleBytes()], b => Capsule.FromSimpleBytes(b).ToSimpleBytes()),
        Canonical("key-frag", typeof(KeyFrag), () => [KeyFrags()[0].ToBytes()], b =>
        {
            using KeyFrag read = KeyFrag.FromBytes(b);
            return read.ToBytes();
        }),
        Canonical("capsule-frag", typeof(CapsuleFrag), () => [CapsuleFragBytes()], b => CapsuleFrag.FromBytes(b).ToBytes()),
        Canonical("reencryption-evidence", typeof(ReencryptionEvidence), () => [EvidenceBytes()], b => ReencryptionEvidence.FromBytes(b).ToBytes()),
        Canonical("share", typeof(Share), () => [.. SecretSharing.Split(Recipient.Value, 2, 3).Shares.Select(s => s.ToBytes())], b =>
        {
            using Share read = Share.FromBytes(b);
            return read.ToBytes();
        }),
        Cbor("feldman-commitments", typeof(FeldmanCommitments), () => [SecretSharing.Split(Recipient.Value, 3, 3).Commitments.ToBytes()], b => FeldmanCommitments.FromBytes(b).ToBytes()),
        Canonical("group-share", typeof(GroupShare), () => [.. Groups().Shares.Select(s => s.ToBytes())], b =>
        {
            using GroupShare read = GroupShare.FromBytes(b);
            return read.ToBytes();
        }),
        Cbor("group-commitments", typeof(GroupCommitments), () => [Groups().Commitments.ToBytes()], b => GroupCommitments.FromBytes(b).ToBytes()),
        Canonical("dleq-proof", typeof(DleqProof), () => [DleqProof.Create(Scalar.Random(RandomSource.System), Point.Generator, Point.U, [], RandomSource.System).ToBytes()], b => DleqProof.FromBytes(b).ToBytes()),
        Canonical("cid", typeof(Cid), () => [Cid.ForRawBlock(default).ToBytes(), Cid.ForDagPbNode(default).ToBytes(), Cid.ForVersion0(default).ToBytes()], b => Cid.FromBytes(b).ToBytes()),
        new("cid-text", [typeof(Cid)], () => [.. new[] { Cid.ForRawBlock(Digest.Of(Root)), Cid.ForDagPbNode(default), Cid.ForVersion0(Digest.Of(Root)) }.Select(c => Encoding.ASCII.GetBytes(c.ToString()))], ReadCidText) { MaxLength = 256 },
        new("varint", [typeof(Varint)], () => [[0], [0x80, 1], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]], ReadVarint) { MaxLength = 16 },
        new("unixfs", [typeof(UnixFsHasher)], () => [new byte[1], [.. Enumerable.Repeat((byte)3, 90)]], ReadUnixFs) { MaxLength = 96 },
        new("cbor", [typeof(CanonicalCborReader)], () => [Record(), [0x83, 1, 0x41, 2, 0x61, 0x61]], ReadCbor) { IsCbor = true, MaxLength = 1024 },
        Cbor("signed-object", typeof(SignedObject), () => [SignedObject.Sign("phr/fuzz/v1", [1, 2, 3], Recipient.Value)], b =>
        {
            SignedObject.Parts parts = SignedObject.Parse("signed object", "phr/fuzz/v1", b, 4096);
            return SignedObject.Encode(parts.Tag, parts.Payload, parts.Signature);
        }),
        Cbor("bundle-header", typeof(BundleHeader), () => [World.Value.Header.ToBytes(), .. VectorHeaders()], b => BundleHeader.FromBytes(b).ToBytes()),
        // Behind a signature that holds: what a hostile patient could publish.
        new("bundle-header-payload", [typeof(BundleHeader)], () => [.. VectorHeaders().Append(World.Value.Header.ToBytes()).Select(h => PayloadOf(h, "phr/header/v1"))], b =>
        {
            BundleHeader header = BundleHeader.Read(b, b, _ => true);
            return header.Documents.Count > 0 && header.Documents.All(d => header.GetDocument(d.Id).CiphertextLength >= 0);
        }) { IsCbor = true },
        new("bundle-file", [typeof(BundleReader), typeof(BundleFile)], () => [BundleFileBytes(0, 3), BundleFileBytes(70)], ReadBundleFile),
        Cbor("document-proof", typeof(DocumentProof), () => [.. World.Value.Header.Documents.Select(d => World.Value.Header.ProveDocument(d.Id).ToBytes())], b => DocumentProof.FromBytes(b).ToBytes()),
        new("source-signature-payload", [typeof(SourceSignature)], () => [PayloadOf(Source(), "phr/source/v1")], b => SourceSignature.Read(b, b, _ => true) is not null) { IsCbor = true },
        Cbor("source-signature", typeof(SourceSignature), () => [Source()], b => SourceSignature.FromBytes(b).ToBytes()),
        new("document-info", [typeof(SealedInfo)], () => [Info.Value.Plaintext], b => SealedInfo.Read(Info.Value.Header.PatientId, Info.Value.Header.Documents[0], b) is not null) { IsCbor = true },
        new("envelope", [typeof(Envelope)], () => [EnvelopeBytes([]), EnvelopeBytes(Root)], ReadEnvelope) { MaxLength = 512 },
        Cbor("dealing", typeof(Dealing), () => [World.Value.Dealing.Dealing.ToBytes(), Reshared()], b => Dealing.FromBytes(b).ToBytes()),
        Cbor("approval", typeof(TrusteeApproval), () => [World.Value.Approve(1, 1).Approval.Approval.ToBytes()], b => TrusteeApproval.FromBytes(b).ToBytes()),
        Cbor("delivery", typeof(OracleDelivery), () => [World.Value.Deliver(1, World.Value.Approve(1, 1), World.Value.Approve(1, 2), World.Value.Approve(2, 1)).ToBytes()], b => OracleDelivery.FromBytes(b).ToBytes()),
        Canonical("delivery-evidence", typeof(DeliveryEvidence), DeliveryEvidences, b => DeliveryEvidence.FromBytes(b).ToBytes()),
        Cbor("reshare-plan", typeof(ResharePlan), () => [Reshare.Value.Plan.Plan.ToBytes()], b => ResharePlan.FromBytes(b).ToBytes()),
        Cbor("reshare-contribution", typeof(ReshareContribution), () => [Reshare.Value.Contributions.Values.First().Contribution.Contribution.ToBytes()], b => ReshareContribution.FromBytes(b).ToBytes()),
        Cbor("reshare-confirmation", typeof(ReshareConfirmation), () => [Reshare.Value.Confirm(Reshare.Value.Contributions.Keys)[0].ToBytes()], b => ReshareConfirmation.FromBytes(b).ToBytes()),
        Cbor("share-complaint", typeof(ShareComplaint), () => [Complaint()], b => ShareComplaint.FromBytes(b).ToBytes()),
        Cbor("share-repair-request", typeof(ShareRepairRequest), () => [Repair.Value.Request], b => ShareRepairRequest.FromBytes(b).ToBytes()),
        Cbor("share-repair-contribution", typeof(ShareRepairContribution), () => [Repair.Value.Contribution], b => ShareRepairContribution.FromBytes(b).ToBytes()),
        Cbor("share-repair-sum", typeof(ShareRepairSum), () => [Repair.Value.Sum], b => ShareRepairSum.FromBytes(b).ToBytes()),
        Cbor("drill-answer", typeof(DrillAnswer), () => [Drill()], b => DrillAnswer.FromBytes(b).ToBytes()),
        Cbor("team-plan", typeof(TeamPlan), () => [Team.Value.Plan, Team.Value.Founding], b => TeamPlan.FromBytes(b).ToBytes()),
        Cbor("team-dealing", typeof(TeamDealing), () => [Team.Value.Dealing], b => TeamDealing.FromBytes(b).ToBytes()),
        Cbor("team-complaint", typeof(TeamComplaint), () => [Team.Value.Complaint], b => TeamComplaint.FromBytes(b).ToBytes()),
        Cbor("team-charter", typeof(TeamCharter), () => [Team.Value.Charter], b => TeamCharter.FromBytes(b).ToBytes()),
        Cbor("team-opening-request", typeof(TeamOpeningRequest), () => [Team.Value.Opening], b => TeamOpeningRequest.FromBytes(b).ToBytes()),
        Cbor("team-partial", typeof(TeamPartial), () => [Team.Value.Partial], b => TeamPartial.FromBytes(b).ToBytes()),
        Cbor("team-shares", typeof(TeamShares), () => [Team.Value.Shares], b =>
        {
            using TeamShares shares = TeamShares.FromBytes(b);
            byte[] written = new byte[shares.ExportedLength];
            shares.ExportTo(written);
            return written;
        }),
        Cbor("key-record", typeof(KeyRecord), () => [Record()], b => KeyRecord.FromBytes(b).ToBytes()),
        Cbor("licence", typeof(LicenceCredential), () => [Licence()], b => LicenceCredential.FromBytes(b).ToBytes()),
        Cbor("envelope-key-offer", typeof(EnvelopeKeyOffer), () => [EnvelopeKeyOffer.Create(Actor.Value, Ledger, BundleId.FromBytes(Root), 7, Recipient.Value.PublicKey).ToBytes()], b => EnvelopeKeyOffer.FromBytes(b).ToBytes()),
        Cbor("receiving-key-proof", typeof(ReceivingKeyProof), () => [ReceivingKeyProof.Create(Actor.Value, Ledger, RequestId.FromBytes(Root), Recipient.Value).ToBytes()], b => ReceivingKeyProof.FromBytes(b).ToBytes()),
        new("key-file", [typeof(KeyFileFormat)], () => [KeyFileBytes()], b => KeyFileFormat.Parse(b) is not null) { MaxLength = 200 },
        new("search-index", [typeof(SearchIndex)], () => [Search.Value.Index.ToBytes()], ReadSearchIndex) { IsCbor = true, MaxLength = 60_000 },
        // Behind an envelope that opens and a signature that holds: what a hostile patient could send.
        new("search-grant-content", [typeof(SearchGrant)], () => [SearchGrantContent()], b => SearchGrant.Read(Search.Value.Header, Search.Value.Header.SearchIndex!, Search.Value.Terms, b, (_, _) => true).Tokens.Count > 0) { IsCbor = true },
        new("search-text", [typeof(SearchTerm)], () => [[.. "Größe, e\u0301cole \uD83D\uDE00 \u1FB3"u8], [.. "pain|in the ARM"u8]], ReadSearchText) { MaxLength = 200 },
        new("recovery-words", [typeof(RecoveryWords)], WordLists, ReadWords) { MaxLength = 600, Dictionary = WordDictionary() },
        new("recovery-words-check", [typeof(RecoveryWordsCheck)], WordLists, ReadWordsCheck) { MaxLength = 250, Dictionary = WordDictionary() },
        new("recovery-set", [typeof(Slip39)], () => [string.Join('\n', WordLists().Skip(1).Select(Encoding.ASCII.GetString)).Select(c => (byte)c).ToArray()], ReadWordSet) { MaxLength = 1000, Dictionary = WordDictionary() },
        Canonical("trustee-memory", typeof(TrusteeMemory), () => [MemoryBytes()], b =>
        {
            using TrusteeMemory memory = TrusteeMemory.FromBytes(b);
            return BytesOf(memory);
        }),
        new("trustee-record", [typeof(TrusteeRecovery)], () => [TrusteeRecord()], ReadTrusteeRecord) { MaxLength = 512 },
        .. FuzzTargetsOfStorage.All,
        .. FuzzTargetsOfRecords.All,
        .. FuzzTargetsOfMl.All,
    ];

    /// <summary>The target of a name, or null.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(t => t.Name == name);

    private static FuzzTarget Fixed(string name, Type[] readers, Func<byte[][]> seeds, Func<byte[], bool> read) => new(name, readers, seeds, read) { MaxLength = 64 };

    private static FuzzTarget Canonical(string name, Type reader, Func<byte[][]> seeds, Func<byte[], byte[]> readAndWrite) =>
        new(name, [reader], seeds, bytes => Same(bytes, readAndWrite(bytes))) { MaxLength = 1024 };

    private static FuzzTarget Cbor(string name, Type reader, Func<byte[][]> seeds, Func<byte[], byte[]> readAndWrite) =>
        new(name, [reader], seeds, bytes => Same(bytes, readAndWrite(bytes))) { IsCbor = true, MaxLength = 8192 };

    private static bool Same(byte[] read, byte[] written) =>
        read.AsSpan().SequenceEqual(written) ? true : throw new FuzzFaultException("what was read is written in another form.");

    private static bool ReadIds(byte[] bytes)
    {
        bool any = Actors(bytes);
        any |= BundleId.TryFromBytes(bytes, out BundleId bundle) && Same(bytes, bundle.ToBytes()) && BundleId.Parse(bundle.ToString()) == bundle;
        any |= DocumentId.TryFromBytes(bytes, out DocumentId document) && Same(bytes, document.ToBytes()) && DocumentId.Parse(document.ToString()) == document;
        any |= RequestId.TryFromBytes(bytes, out RequestId request) && Same(bytes, request.ToBytes()) && RequestId.Parse(request.ToString()) == request;
        any |= Digest.TryFromBytes(bytes, out Digest digest) && Same(bytes, digest.ToBytes()) && Digest.Parse(digest.ToString()) == digest;
        string text = Encoding.Latin1.GetString(bytes);
        return any | ActorId.TryParse(text, out _) | BundleId.TryParse(text, out _) | DocumentId.TryParse(text, out _) | RequestId.TryParse(text, out _) | Digest.TryParse(text, out _);

        static bool Actors(byte[] bytes) => ActorId.TryFromBytes(bytes, out ActorId actor) && Same(bytes, actor.ToBytes()) && ActorId.Parse(actor.ToString()) == actor;
    }

    private static bool ReadCidText(byte[] bytes)
    {
        string text = Encoding.Latin1.GetString(bytes);
        return Cid.TryParse(text, out Cid cid) && (Cid.Parse(cid.ToString()) == cid ? true : throw new FuzzFaultException("a content id does not come back from its text."));
    }

    private static bool ReadVarint(byte[] bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        if (Varint.Read(ref rest, out ulong value) is not null)
        {
            return false;
        }

        byte[] written = new byte[Varint.Length(value)];
        Varint.Write(value, written);
        return Same(bytes[..^rest.Length], written);
    }

    // The first byte says how the rest is cut before it is given to the hasher; the content id must not depend on that.
    private static bool ReadUnixFs(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return false;
        }

        var layout = new UnixFsLayout { ChunkSize = 1 + (bytes[0] & 15), MaxLinks = 2 + (bytes[0] >> 6) };
        using var whole = new UnixFsHasher(layout);
        using var pieces = new UnixFsHasher(layout);
        whole.Append(bytes.AsSpan(1));
        int step = 1 + ((bytes[0] >> 4) & 3);
        for (int at = 1; at < bytes.Length; at += step)
        {
            pieces.Append(bytes.AsSpan(at, Math.Min(step, bytes.Length - at)));
        }

        return whole.Complete() == pieces.Complete() ? true : throw new FuzzFaultException("a content id depends on how the bytes came.");
    }

    // Walks any deterministic CBOR of the kinds that Phr's formats have, and writes it again.
    private static bool ReadCbor(byte[] bytes)
    {
        var reader = new CanonicalCborReader("cbor", bytes, 1024);
        ReadOnlyMemory<byte> first = reader.Encoded();
        reader.End();
        foreach (Func<CanonicalCborReader, bool> read in (Func<CanonicalCborReader, bool>[])
            [r => r.UInt64() >= 0, r => r.Boolean() || true, r => r.Text(100).Length >= 0, r => r.Bytes(1000).Length >= 0, r => r.BeginList(50) >= 0, r => r.Time().Year > 0, r => r.Int32(255) >= 0])
        {
            try
            {
                read(new CanonicalCborReader("cbor", bytes, 1024));
            }
            catch (PhrDataException)
            {
            }
        }

        return Same(bytes, first.ToArray());
    }

    private static bool ReadBundleFile(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        BundleReader reader = BundleReader.OpenAsync(stream, Patient.Value.PublicKeys).GetAwaiter().GetResult();
        foreach (BundleDocument document in reader.Header.Documents)
        {
            reader.DecryptAsync(document.Id, Patient.Value, Stream.Null).GetAwaiter().GetResult();
        }

        return true;
    }

    private static bool ReadEnvelope(byte[] bytes)
    {
        bool opened = Envelope.TryOpen(Recipient.Value, Actor.Value.Id, Actor.Value.PublicKeys.ObjectKey, "fuzz"u8, bytes, out EnvelopeContent? content);
        content?.Dispose();
        return opened;
    }

    private static bool ReadWords(byte[] bytes)
    {
        if (!RecoveryWords.TryParse(Encoding.Latin1.GetString(bytes), out RecoveryWords? words))
        {
            return false;
        }

        using RecoveryWords list = words;
        char[] letters = new char[(RecoveryWords.MaxWordLength + 1) * list.WordCount];
        using RecoveryWords again = RecoveryWords.Parse(letters.AsSpan(0, list.ExportWords(letters)));
        return list.FixedTimeEquals(again) ? true : throw new FuzzFaultException("a list of words does not come back from its text.");
    }

    private static bool ReadWordsCheck(byte[] bytes)
    {
        string text = Encoding.Latin1.GetString(bytes);
        RecoveryWordsCheck check = RecoveryWordsCheck.Of(text);
        bool valid = RecoveryWords.TryParse(text, out RecoveryWords? words);
        words?.Dispose();
        return check.IsValid == valid && check.Suggestions.All(s => s.Position >= 1 && s.Position <= check.WordCount + 1)
            ? valid
            : throw new FuzzFaultException("the check and the reader disagree.");
    }

    // One list on each line.
    private static bool ReadWordSet(byte[] bytes)
    {
        var lists = new List<RecoveryWords>();
        try
        {
            foreach (string line in Encoding.Latin1.GetString(bytes).Split('\n').Take(8))
            {
                if (!RecoveryWords.TryParse(line, out RecoveryWords? list))
                {
                    return false;
                }

                lists.Add(list);
            }

            // Without the passphrase's work, which would be most of the time.
            if (lists.Count == 0 || !Slip39.Inspect(lists).IsComplete || lists[0].IterationExponent > 0)
            {
                return false;
            }

            using SecretValue secret = Slip39.Combine(lists);
            return secret.Length >= Slip39.MinSecretLength;
        }
        finally
        {
            lists.ForEach(l => l.Dispose());
        }
    }

    private static bool ReadTrusteeRecord(byte[] bytes)
    {
        using RecoveredTrustee trustee = TrusteeRecovery.Decode(bytes);
        using SecretBytes again = TrusteeRecovery.Encode(trustee.Identity, trustee.Memory);
        return Same(bytes, again.Reveal().ToArray());
    }

    private static bool ReadSearchIndex(byte[] bytes)
    {
        var index = SearchIndex.FromBytes(bytes);
        using SearchToken token = Search.Value.Token(SearchTerm.Word("pain"));
        _ = index.Find(token);
        return Same(bytes, index.ToBytes());
    }

    private static bool ReadSearchText(byte[] bytes)
    {
        // Pairs of bytes are UTF-16 when the first byte is odd, so that halves of surrogate pairs come too.
        string text = bytes.Length > 0 && (bytes[0] & 1) != 0 ? Encoding.Unicode.GetString(bytes, 1, (bytes.Length - 1) & ~1) : Encoding.UTF8.GetString(bytes);
        foreach (string word in SearchText.Split(text))
        {
            if (SearchText.Normalize(word) != word && SearchText.Normalize(SearchText.Normalize(word)) != SearchText.Normalize(word))
            {
                throw new FuzzFaultException("a word that is in its one form has another.");
            }
        }

        return SearchTerm.Words(text).Count >= 0;
    }

    private static byte[] SearchGrantContent()
    {
        SearchScene scene = Search.Value;
        using EnvelopeContent content = Envelope.Open(
            scene.ReceivingKey, scene.Header.PatientId, scene.Header.PatientKey, SearchGrant.Context(scene.Header, scene.Terms), scene.Seal(SearchTerm.Word("pain"), SearchTerm.Code("|a")));
        return content.Bytes.ToArray();
    }

    private static byte[] PayloadOf(byte[] signed, string tag) => SignedObject.Parse("seed", tag, signed, SignedObject.MaxBlockLength).Payload;

    private static byte[] Export(SecretKey key)
    {
        using (key)
        {
            byte[] bytes = new byte[SecretKey.Length];
            key.ExportTo(bytes);
            return bytes;
        }
    }

    private static VerifiedKeyFrag[] KeyFrags() =>
        Umbral.GenerateKeyFrags(Recipient.Value, Actor.Value.PublicKeys.ReceivingKey, Actor.Value.Signer, new KeyFragOptions { Threshold = 1, Shares = 1 });

    private static byte[] CapsuleFragBytes() => Umbral.Reencrypt(Umbral.Encrypt(Recipient.Value.PublicKey, Root).Capsule, KeyFrags()[0]).ToBytes();

    private static byte[] EvidenceBytes()
    {
        Capsule capsule = Umbral.Encrypt(Recipient.Value.PublicKey, Root).Capsule;
        VerifiedCapsuleFrag frag = Umbral.Reencrypt(capsule, KeyFrags()[0]);
        return ReencryptionEvidence.Create(capsule, frag, Actor.Value.Signer.VerifyingKey, Recipient.Value.PublicKey, Actor.Value.PublicKeys.ReceivingKey).ToBytes();
    }

    private static byte[][] DeliveryEvidences()
    {
        OracleDelivery delivery = World.Value.Deliver(1, World.Value.Approve(1, 1), World.Value.Approve(1, 2), World.Value.Approve(2, 1));
        byte[] terms = new byte[23 * 32];
        Keccak256.HashData("phr/request/v2"u8).CopyTo(terms, 0);
        DeliveryCheck[] checks = [DeliveryCheck.Scalar, DeliveryCheck.EquationE, DeliveryCheck.EquationV, DeliveryCheck.EquationU, DeliveryCheck.Signature, DeliveryCheck.Place];
        return [.. checks.Select(check => DeliveryEvidence.Make(delivery, 0, World.Value.Dealing, check).ToBytes()), DeliveryEvidence.OfTerms(terms).ToBytes()];
    }

    private static GroupSharingResult Groups() => GroupSharing.Split(Recipient.Value, new SharingShape(2, [new GroupShape(2, 3), new GroupShape(1, 1)]), 3);

    private static byte[] EnvelopeBytes(byte[] plaintext) =>
        Envelope.Seal(Recipient.Value.PublicKey, Actor.Value.Id, Actor.Value.PublicKeys.ObjectKey, "fuzz"u8, plaintext);

    private static byte[] BundleFileBytes(params int[] lengths)
    {
        using var output = new MemoryStream();
        WriteAsync().GetAwaiter().GetResult();
        return output.ToArray();

        async Task WriteAsync()
        {
            await using BundleWriter writer = BundleWriter.Create(output, Patient.Value, Ledger);
            foreach (int length in lengths)
            {
                using var content = new MemoryStream(new byte[length]);
                await writer.AddAsync(content, new DocumentInfo("title", "text/plain"));
            }

            await writer.CompleteAsync();
        }
    }

    private static byte[] Source() => SourceSignature.Create(Actor.Value.ObjectSigner, Actor.Value.Id, Digest.Of(Root), Patient.Value.Identity.Id, From).ToBytes();

    private static byte[] Reshared() => Dealing.FromReshare(Reshare.Value.Plan, Reshare.Value.Of(Reshare.Value.Contributions.Keys)).ToBytes();

    private static byte[] Complaint()
    {
        ReshareWorld world = Reshare.Value;
        PolicySeat seat = world.Contributions.Keys.First();
        (IdentityKeys identity, SecretKey key) = world.NewTrustees[seat.Indices];
        return ShareComplaint.Create(world.Contributions[seat].Contribution, seat, identity, key, []).ToBytes();
    }

    // Member 3 of the first group lost its share; members 1 and 2 help.
    private static (byte[] Request, byte[] Contribution, byte[] Sum) MakeRepair()
    {
        TrusteeWorld world = World.Value;
        ShareRepairRequest request = ShareRepairRequest.Create(world.Dealing, world.Trustees[(1, 3)].Identity, Recipient.Value.PublicKey, [1, 2]);
        ShareRepair repair = request.Verify(world.Dealing);
        ShareRepairContributionResult[] contributions =
        [
            .. request.Helpers.Select(helper =>
            {
                using TrusteeShares shares = world.OpenShares(1, helper);
                return ShareRepairContribution.Create(repair, shares, world.Trustees[(1, helper)].Identity);
            }),
        ];
        (IdentityKeys identity, SecretKey key) = world.Trustees[(1, request.Helpers[0])];
        ShareRepairSum sum = ShareRepairSum.Create(repair, contributions.Select(c => c.Contribution), identity, key, [.. contributions.Select(c => c.Envelopes[0].Bytes)]).Sum;
        return (request.ToBytes(), contributions[0].Contribution.Contribution.ToBytes(), sum.ToBytes());
    }

    private static byte[] Drill()
    {
        TrusteeWorld world = World.Value;
        using TrusteeShares shares = world.OpenShares(1, 1);
        return DrillAnswer.Create(shares, world.Header.Documents.First(d => d.VisibleLabels.Contains(DrillAnswer.Label)).Id, world.Trustees[(1, 1)].Identity).ToBytes();
    }

    // A team of three that renews its key, with one bad dealing, and an opening of two points.
    private static TeamBytes MakeTeam()
    {
        using TeamWorld team = TeamWorld.Form(2, 3);
        TeamPlan plan = team.PlanFor(new TeamChange { Members = [.. team.People.Select(TeamWorld.RecordOf)], RenewKey = true });
        TeamDealing dealing = team.Deal(plan, team.People[0], (_, subShares) => subShares[0] += Scalar.One);
        using SecretKey reply = SecretKey.Generate(), request = SecretKey.Generate();
        TeamOpeningRequest opening = TeamOpeningRequest.Create(
            team.People[0],
            team.Charter,
            new TeamOpeningTerms
            {
                Request = default,
                ReceivingKey = TeamRequestKey.Combine(team.Charter.PublicKey, request.PublicKey),
                KeyEpoch = 1,
                Points = [TeamPoint.Read(Digest.Of(Root), null, Recipient.Value.PublicKey), TeamPoint.Read(Digest.Of("second"u8), DocumentId.FromBytes(new byte[16]), Actor.Value.PublicKeys.EnvelopeKey)],
            },
            reply);
        byte[] answer = TeamPartial.Answer(opening, team.Charter, new TeamHelper { Identity = team.People[1], Shares = team.Shares[team.People[1].Id] });
        TeamShares own = team.Shares[team.People[0].Id];
        byte[] shares = new byte[own.ExportedLength];
        own.ExportTo(shares);
        return new TeamBytes(
            plan.ToBytes(), TeamPlan.Found(TeamWorld.Ledger, 2, [.. team.People.Select(TeamWorld.RecordOf)]).ToBytes(), dealing.ToBytes(), TeamComplaint.Create(plan, dealing, team.People[1], RandomSource.System).ToBytes(),
            team.Charter.ToBytes(), opening.ToBytes(), TeamPartial.Open(opening, team.Charter, team.Charter.Plan.Members[1], reply, answer).Partial.ToBytes(), shares);
    }

    private static byte[] Record() => KeyRecord.Create(Actor.Value, Ledger, new KeyRecordOptions
    {
        ValidFrom = From,
        ValidUntil = From.AddDays(30),
        Endorsement = OperatorEndorsement.Create(Patient.Value.Identity, Ledger, Actor.Value.PublicKeys, From.AddDays(30)),
    }).ToBytes();

    private static byte[] Licence() => LicenceCredential.Create(Patient.Value.Identity, Ledger, new LicenceTerms
    {
        Doctor = Actor.Value.Id,
        DoctorObjectKey = Actor.Value.PublicKeys.ObjectKey,
        LicenceNumber = "L-1",
        Speciality = "cardiology",
        Organisation = default,
        ValidFrom = From,
        NotAfter = From.AddDays(30),
    }).ToBytes();

    private static byte[] KeyFileBytes() => KeyFileFormat.Seal(
        new KeyFileInfo(KeyFileKind.Identity, Actor.Value.Id, 0, 8, 1), Root, "passphrase", RandomSource.System);

    private static byte[][] WordLists()
    {
        var options = new RecoveryOptions { IterationExponent = 0 };
        using RecoveryWordsSet one = Slip39.Split(Root, Slip39.Single, default, options);
        using RecoveryWordsSet more = Slip39.Split(Root.AsSpan(0, 16), new SharingShape(2, [new GroupShape(2, 2), new GroupShape(1, 1)]), default, options);
        return [.. one.Lists.Concat(more.Lists).Select(Letters)];
    }

    private static byte[] Letters(RecoveryWords list)
    {
        char[] letters = new char[(RecoveryWords.MaxWordLength + 1) * list.WordCount];
        return Encoding.ASCII.GetBytes(letters, 0, list.ExportWords(letters));
    }

    private static byte[][] WordDictionary() => [.. File.ReadLines(RepositoryRoot.Combine("src", "Phr.Crypto", "Recovery", "slip39-words.txt")).Select(w => Encoding.ASCII.GetBytes(" " + w))];

    private static TrusteeMemory Memory() => TrusteeMemory.Create(Actor.Value, Enumerable.Range(0, 4).Select(i =>
        new EpochMemory(BundleId.FromBytes([.. Root.Select(b => (byte)(b ^ i))]), (uint)(100 * i), Recipient.Value.PublicKey, i % 2 == 0 ? Recipient.Value : null)));

    private static byte[] MemoryBytes()
    {
        using TrusteeMemory memory = Memory();
        return BytesOf(memory);
    }

    private static byte[] BytesOf(TrusteeMemory memory)
    {
        byte[] bytes = new byte[memory.Length];
        memory.ExportTo(bytes);
        return bytes;
    }

    private static byte[] TrusteeRecord()
    {
        using TrusteeMemory memory = Memory();
        using SecretBytes record = TrusteeRecovery.Encode(Actor.Value, memory);
        return record.Reveal().ToArray();
    }

    private static byte[][] VectorHeaders() => [Convert.FromHexString(VectorCase("info").GetProperty("input").GetString()!)];

    private static JsonElement VectorCase(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(RepositoryRoot.Combine("tests", "vectors", "bundle", file + ".json")));
        return document.RootElement.GetProperty("cases").EnumerateArray().First(c => c.GetProperty("expect").GetString() == "ok").Clone();
    }

    private sealed record TeamBytes(byte[] Plan, byte[] Founding, byte[] Dealing, byte[] Complaint, byte[] Charter, byte[] Opening, byte[] Partial, byte[] Shares);
}
