using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Text;
using Phr.Crypto.Bundles;
using Phr.Crypto.Hashing;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Tests.Sharing;
using Phr.Shared;

namespace Phr.Crypto.Tests.Bundles;

/// <summary>Makes everything in tests/vectors/bundle. With PHR_WRITE_VECTORS=1 a test writes it; else the test compares.</summary>
internal sealed class BundleVectorGenerator : IDisposable
{
    private readonly PatientKeys _patient;
    private readonly PatientKeys _stranger = PatientKeys.FromRecoverySecret(Secret("vectors: stranger"));
    private readonly PatientKeys _hospital = PatientKeys.FromRecoverySecret(Secret("vectors: hospital"));
    private readonly LedgerId _ledger = new(31337, ActorId.FromBytes(BundleScene.Content(ActorId.Length)));
    private readonly Dictionary<string, BundleHeader> _headers = [];

    public BundleVectorGenerator()
    {
        byte[] secret = Secret("vectors: patient");
        RecoverySecret = Hex(secret);
        _patient = PatientKeys.FromRecoverySecret(secret);
    }

    public string RecoverySecret { get; }

    /// <summary>The single-file bundles, by name.</summary>
    public SortedDictionary<string, byte[]> Files { get; } = [];

    /// <summary>The case files, by name.</summary>
    public SortedDictionary<string, BundleVectorFile> Cases { get; } = [];

    public async Task MakeAsync()
    {
        byte[] letter = Encoding.UTF8.GetBytes("Dear colleague, thank you for the referral.");
        SourceSignature source = SourceSignature.Create(
            _hospital.Identity.ObjectSigner, _hospital.Identity.Id, Digest.Of(letter), _patient.Identity.Id, BundleScene.Time, new StreamRandom("vectors: source"));
        await FileAsync(
            "small.phrb",
            _patient,
            (letter, new DocumentInfo("Letter of 22 November", "text/plain") { VisibleLabels = ["letter"], SourceSignatures = [source] }),
            (BundleScene.Content(100), new DocumentInfo("Glucose, fasting", "application/fhir+json")));
        await FileAsync(
            "twin.phrb",
            _patient,
            (BundleScene.Content(letter.Length), new DocumentInfo("Twin", "text/plain") { VisibleLabels = ["letter"] }),
            (BundleScene.Content(100), new DocumentInfo("Twin", "text/plain")));
        await FileAsync("stranger.phrb", _stranger, ([1, 2, 3], new DocumentInfo("Somebody else's", "text/plain")));
        await FileAsync("empty.phrb", _patient, ([], new DocumentInfo("", "a/b")));
        await FileAsync(
            "chunks.phrb",
            _patient,
            (BundleScene.Content(131_073), new DocumentInfo("Three chunks", "application/octet-stream")),
            (BundleScene.Content(65_537), new DocumentInfo("Two chunks", "application/octet-stream")));
        Add("header", "Bundle headers: docs/bundle-format.md sections 3 and 4. `input` is the header.", [.. HeaderCases()]);
        Add("proof", "Document proofs: section 8. `input` is the proof, `root` the documents root. `Unproven` reads and does not lead to the root.", [.. ProofCases()]);
        Add("source", "Source signatures: section 7.2. `input` is the signature.", [.. SourceCases()]);
        Add("key", "Opening a document's key with the patient's keys: section 5. `input` is the header, `document` the place in it.", [.. KeyCases()]);
        Add("info", "Sealed descriptions: section 7. `input` is the header, `document` the place in it.", [.. InfoCases(source)]);
        Add("document", "Ciphertexts: section 6. `base` and `edits` give the ciphertext, `header` and `document` what it is read with. The content id is not compared here, so that what the chunks themselves refuse is seen.", [.. DocumentCases()]);
        Add("file", "Single files: section 9. `base` and `edits` give the file, which is opened for the patient, and every document in it decrypted.", [.. FileCases()]);
    }

    public void Dispose()
    {
        _patient.Dispose();
        _stranger.Dispose();
        _hospital.Dispose();
    }

    private IEnumerable<BundleVector> HeaderCases()
    {
        BundleHeader small = _headers["small.phrb"];
        byte[] honest = small.ToBytes();
        yield return Accepted("two-documents", "A header as the writer makes it.", honest);
        yield return Accepted("revision", "Number 1, naming a predecessor.", Signed(f => (f.Sequence, f.Previous) = (1, small.Digest.ToBytes())));
        yield return Accepted("recipient", "A further recipient of the first document.", Signed(AddRecipient));
        yield return Accepted("labels-at-their-limits", "16 labels, one of 64 bytes.", Signed(f => f.Documents[0].Labels =
            [.. Enumerable.Range(0, 15).Select(i => Encoding.UTF8.GetBytes($"label {i}")), Encoding.UTF8.GetBytes(new string('é', 32))]));
        yield return Accepted("last-number", "The highest number.", Signed(f => (f.Sequence, f.Previous) = (uint.MaxValue, small.Digest.ToBytes())));

        SearchIndexReference index = new(0, SHA256.HashData("vectors: salt"u8), Cid.ForDagPbNode(Digest.Of("vectors: index"u8)), 98_364);
        yield return Accepted("search-index", "A search index that came with this header.", Signed(f => f.Search = new(index)));
        yield return Accepted("search-index-kept", "Number 2, and an index that came with number 1.", Signed(f =>
            (f.Sequence, f.Previous, f.Search) = (2, small.Digest.ToBytes(), new(index) { Epoch = 1, Length = 49_210 })));

        // The outer form.
        yield return Refused("empty-input", "No bytes.", PhrDataReason.Malformed, []);
        yield return Refused("truncated", "The last byte is missing.", PhrDataReason.Malformed, honest[..^1]);
        yield return Refused("trailing-byte", "A byte follows.", PhrDataReason.NonCanonical, [.. honest, 0]);
        yield return Refused("other-tag", "Tag phr/header/v2.", PhrDataReason.UnknownVersion, Signed(f => f.Tag = "phr/header/v2"));
        yield return Refused("four-items", "The outer array has four items.", PhrDataReason.Malformed, [0x84, .. honest[1..], 0x00]);
        yield return Refused("signature-short", "A signature of 63 bytes.", PhrDataReason.WrongLength, Outer(small, s => s[..63]));
        yield return Refused("signature-high-s", "The signature's other form, n - s.", PhrDataReason.InvalidScalar, Outer(small, HighS));
        yield return Refused("signature-flipped", "A bit of r.", PhrDataReason.InvalidSignature, Outer(small, s => [.. s[..5], (byte)(s[5] ^ 1), .. s[6..]]));
        yield return Refused("signed-by-another", "Signed by another key than the one in it.", PhrDataReason.InvalidSignature, HeaderFields.From(small).Sign(_stranger));
        yield return Refused("signed-under-another-tag", "The signature was made for phr/dealing/v1.", PhrDataReason.InvalidSignature, SignedUnder("phr/dealing/v1", small));
        yield return Refused("payload-flipped", "A bit of the salt, after signing.", PhrDataReason.InvalidSignature, Flip(honest, Find(honest, small.Documents[0].Salt.Span)));

        // Canonical form of the payload.
        byte[] payload = HeaderFields.From(small).Payload();
        yield return Refused("number-not-shortest", "The version as 18 01.", PhrDataReason.Malformed, HeaderFields.Sign(_patient, "phr/header/v1", [payload[0], 0x18, 0x01, .. payload[2..]]));
        yield return Refused("indefinite-array", "The payload's array without a length.", PhrDataReason.Malformed, HeaderFields.Sign(_patient, "phr/header/v1", [0x9f, .. payload[1..], 0xff]));
        yield return Refused("payload-trailing-byte", "A byte follows the payload's array.", PhrDataReason.NonCanonical, HeaderFields.Sign(_patient, "phr/header/v1", [.. payload, 0xf6]));
        yield return Refused("payload-eleven-items", "The payload's array has eleven items, of which the last is a number.", PhrDataReason.Malformed, HeaderFields.Sign(_patient, "phr/header/v1", [0x8b, .. payload[1..], 0x00]));

        // The fields in front.
        yield return Refused("version-0", "Version 0.", PhrDataReason.UnknownVersion, Signed(f => f.Version = 0));
        yield return Refused("version-2", "Version 2.", PhrDataReason.UnknownVersion, Signed(f => f.Version = 2));
        yield return Refused("suite-0", "Suite 0.", PhrDataReason.UnknownVersion, Signed(f => f.Suite = 0));
        yield return Refused("suite-2", "Suite 2.", PhrDataReason.UnknownVersion, Signed(f => f.Suite = 2));
        yield return Refused("patient-id-short", "A patient id of 19 bytes.", PhrDataReason.WrongLength, Signed(f => f.PatientId = f.PatientId[1..]));
        yield return Refused("patient-key-not-a-point", "A patient key that is no point of the curve.", PhrDataReason.InvalidPoint, Signed(f => f.PatientKey = NoPoint));
        yield return Refused("bundle-id-long", "A bundle id of 33 bytes.", PhrDataReason.WrongLength, Signed(f => f.BundleId = [.. f.BundleId, 0]));
        yield return Refused("first-with-predecessor", "Number 0 names a predecessor.", PhrDataReason.Mismatched, Signed(f => f.Previous = small.Digest.ToBytes()));
        yield return Refused("later-without-predecessor", "Number 1 names none.", PhrDataReason.Mismatched, Signed(f => f.Sequence = 1));
        yield return Refused("predecessor-short", "A predecessor's digest of 31 bytes.", PhrDataReason.Mismatched, Signed(f => (f.Sequence, f.Previous) = (1, small.Digest.ToBytes()[1..])));
        yield return Refused("number-too-high", "Number 2^32.", PhrDataReason.OutOfRange, Signed(f => (f.Sequence, f.Previous) = (1UL << 32, small.Digest.ToBytes())));
        yield return Refused("time-after-9999", "A time in the year 10000.", PhrDataReason.OutOfRange, Signed(f => f.CreatedAt = 253402300800));
        yield return Refused("no-documents", "An empty list of documents.", PhrDataReason.OutOfRange, Signed(f => f.Documents.Clear()));

        // The search index.
        yield return Refused("search-index-of-a-later-header", "Number 0, and an index of epoch 1.", PhrDataReason.OutOfRange, Signed(f => f.Search = new(index) { Epoch = 1 }));
        yield return Refused("search-index-salt-short", "A salt of 31 bytes.", PhrDataReason.WrongLength, Signed(f => f.Search = new(index) { Salt = new byte[31] }));
        yield return Refused("search-index-cid-version-0", "A content id of version 0.", PhrDataReason.Malformed, Signed(f => f.Search = new(index) { Cid = Cid.ForVersion0(index.Cid.Digest).ToBytes() }));
        yield return Refused("search-index-length-between", "A length that no size class has.", PhrDataReason.OutOfRange, Signed(f => f.Search = new(index) { Length = 49_211 }));
        yield return Refused("search-index-length-too-high", "Twice the highest length.", PhrDataReason.OutOfRange, Signed(f => f.Search = new(index) { Length = 100_663_356 }));
        yield return Refused("search-index-no-array", "An eleventh item that is a byte string.", PhrDataReason.Malformed, HeaderFields.Sign(_patient, "phr/header/v1", [0x8b, .. payload[1..], 0x40]));
        yield return Refused("payload-nine-items", "The payload's array without documents.", PhrDataReason.Malformed, HeaderFields.Sign(_patient, "phr/header/v1", [0x89, .. payload[1..], 0x40]));

        // What must be fresh.
        yield return Refused("document-id-repeated", "Two documents with one id.", PhrDataReason.Duplicate, Signed(f => f.Documents[1].Id = f.Documents[0].Id));
        yield return Refused("delegating-key-repeated", "Two documents with one delegating key.", PhrDataReason.Duplicate, Signed(f => f.Documents[1].DelegatingKey = f.Documents[0].DelegatingKey));
        yield return Refused("capsule-repeated", "Two documents with one capsule.", PhrDataReason.Duplicate, Signed(f => f.Documents[1].Capsule = f.Documents[0].Capsule));
        yield return Refused("recipient-repeated", "One recipient twice.", PhrDataReason.Duplicate, Signed(f =>
        {
            AddRecipient(f);
            f.Documents[0].Recipients.Add((f.Documents[0].Recipients[0].Key, f.Documents[1].Capsule, f.Documents[0].Recipients[0].WrappedKey));
            f.Documents.RemoveAt(1);
        }));
        yield return Refused("recipient-is-delegating-key", "The delegating key as a further recipient.", PhrDataReason.Duplicate, Signed(f =>
        {
            AddRecipient(f);
            f.Documents[0].Recipients[0] = (f.Documents[0].DelegatingKey, f.Documents[0].Recipients[0].Capsule, f.Documents[0].Recipients[0].WrappedKey);
        }));
        yield return Refused("recipient-capsule-repeated", "A recipient's capsule that is another document's.", PhrDataReason.Duplicate, Signed(f =>
        {
            AddRecipient(f);
            f.Documents[0].Recipients[0] = (f.Documents[0].Recipients[0].Key, f.Documents[1].Capsule, f.Documents[0].Recipients[0].WrappedKey);
        }));

        // A document's entry.
        yield return Refused("delegating-key-not-a-point", "A delegating key that is no point of the curve.", PhrDataReason.InvalidPoint, Signed(f => f.Documents[0].DelegatingKey = NoPoint));
        yield return Refused("delegating-key-uncompressed", "A delegating key of 65 bytes.", PhrDataReason.WrongLength, Signed(f => f.Documents[0].DelegatingKey = new byte[65]));
        yield return Refused("capsule-short", "A capsule of 97 bytes.", PhrDataReason.WrongLength, Signed(f => f.Documents[0].Capsule = f.Documents[0].Capsule[1..]));
        yield return Refused("capsule-self-check", "The capsule's s is one too high.", PhrDataReason.InvalidProof, Signed(f => f.Documents[0].Capsule[^1] ^= 1));
        yield return Refused("capsule-not-a-point", "The capsule's E is no point of the curve.", PhrDataReason.InvalidPoint, Signed(f => NoPoint.CopyTo(f.Documents[0].Capsule, 0)));
        yield return Refused("capsule-s-too-high", "The capsule's s is not below the group order.", PhrDataReason.InvalidScalar, Signed(f => f.Documents[0].Capsule.AsSpan(66).Fill(0xff)));
        yield return Refused("capsule-sum-is-identity", "E + V is the identity, and the self-check holds: the key would be known to all.", PhrDataReason.InvalidPoint, Signed(f => f.Documents[0].Capsule = OpenCapsule()));
        yield return Refused("wrapped-key-short", "A wrapped key of 47 bytes.", PhrDataReason.WrongLength, Signed(f => f.Documents[0].WrappedKey = f.Documents[0].WrappedKey[1..]));
        yield return Refused("cid-version-0", "A content id of version 0.", PhrDataReason.Malformed, Signed(f => f.Documents[0].Cid = [0x12, 0x20, .. f.Documents[0].Cid[4..]]));
        yield return Refused("cid-other-codec", "A content id of codec 0x71.", PhrDataReason.Malformed, Signed(f => f.Documents[0].Cid[1] = 0x71));
        yield return Refused("cid-other-hash", "A content id with multihash 0x13.", PhrDataReason.Malformed, Signed(f => f.Documents[0].Cid[2] = 0x13));
        yield return Refused("cid-empty", "No content id.", PhrDataReason.Malformed, Signed(f => f.Documents[0].Cid = []));
        yield return Refused("length-15", "A ciphertext of 15 bytes.", PhrDataReason.OutOfRange, Signed(f => f.Documents[0].Length = 15));
        yield return Refused("length-empty-last-chunk", "A full chunk and an empty one.", PhrDataReason.OutOfRange, Signed(f => f.Documents[0].Length = 65_552 + 16));
        yield return Refused("length-too-high", "More than 2^24 chunks.", PhrDataReason.OutOfRange, Signed(f => f.Documents[0].Length = ((1UL << 24) * 65_552) + 17));
        yield return Refused("length-2-to-the-63", "A length of 2^63.", PhrDataReason.OutOfRange, Signed(f => f.Documents[0].Length = 1UL << 63));
        yield return Refused("chunk-size-other", "Chunks of 65,535 bytes.", PhrDataReason.OutOfRange, Signed(f => f.Documents[0].ChunkSize = 65_535));
        yield return Refused("commitment-short", "A key commitment of 31 bytes.", PhrDataReason.WrongLength, Signed(f => f.Documents[0].Commitment = f.Documents[0].Commitment[1..]));
        yield return Refused("salt-short", "A salt of 31 bytes.", PhrDataReason.WrongLength, Signed(f => f.Documents[0].Salt = f.Documents[0].Salt[1..]));
        yield return Refused("label-empty", "An empty label.", PhrDataReason.Malformed, Signed(f => f.Documents[0].Labels = [[]]));
        yield return Refused("label-long", "A label of 65 bytes.", PhrDataReason.TooLarge, Signed(f => f.Documents[0].Labels = [Encoding.UTF8.GetBytes(new string('a', 65))]));
        yield return Refused("label-long-in-utf-8", "A label of 33 characters and 66 bytes.", PhrDataReason.Malformed, Signed(f => f.Documents[0].Labels = [Encoding.UTF8.GetBytes(new string('é', 33))]));
        yield return Refused("label-repeated", "One label twice.", PhrDataReason.Malformed, Signed(f => f.Documents[0].Labels = ["a"u8.ToArray(), "a"u8.ToArray()]));
        yield return Refused("label-control-character", "A label with a line break.", PhrDataReason.Malformed, Signed(f => f.Documents[0].Labels = ["a\nb"u8.ToArray()]));
        yield return Refused("label-not-utf-8", "A label that is not UTF-8.", PhrDataReason.Malformed, Signed(f => f.Documents[0].Labels = [[0xff]]));
        yield return Refused("labels-too-many", "17 labels.", PhrDataReason.TooLarge, Signed(f => f.Documents[0].Labels = [.. Enumerable.Range(0, 17).Select(i => Encoding.UTF8.GetBytes($"{i}"))]));
        yield return Refused("info-no-content", "A sealed description of 16 bytes.", PhrDataReason.WrongLength, Signed(f => f.Documents[0].SealedInfo = new byte[16]));
        yield return Refused("info-long", "A sealed description of 8,193 bytes.", PhrDataReason.TooLarge, Signed(f => f.Documents[0].SealedInfo = new byte[8193]));
        yield return Refused("recipient-key-not-a-point", "A recipient's key that is no point of the curve.", PhrDataReason.InvalidPoint, Signed(f =>
        {
            AddRecipient(f);
            f.Documents[0].Recipients[0] = (NoPoint, f.Documents[0].Recipients[0].Capsule, f.Documents[0].Recipients[0].WrappedKey);
        }));
        yield return Refused("recipient-capsule-self-check", "A recipient's capsule whose self-check does not hold.", PhrDataReason.InvalidProof, Signed(f =>
        {
            AddRecipient(f);
            f.Documents[0].Recipients[0].Capsule[^1] ^= 1;
        }));

        BundleVector Accepted(string name, string about, byte[] bytes)
        {
            var header = BundleHeader.FromBytes(bytes);
            SortedDictionary<string, string> result = new()
            {
                ["digest"] = header.Digest.ToString(),
                ["cid"] = header.Cid.ToString(),
                ["documentsRoot"] = header.DocumentsRoot.ToString(),
                ["sequence"] = $"{header.Sequence}",
            };
            if (header.SearchIndex is { } searchIndex)
            {
                result.Add("searchIndexEpoch", $"{searchIndex.Epoch}");
                result.Add("searchIndexCid", searchIndex.Cid.ToString());
            }

            return new() { Name = name, About = about, Expect = "ok", Input = Hex(bytes), Result = result };
        }

        static BundleVector Refused(string name, string about, PhrDataReason reason, byte[] bytes) =>
            new() { Name = name, About = about, Expect = $"{reason}", Stage = "bundle header", Input = Hex(bytes) };
    }

    private IEnumerable<BundleVector> ProofCases()
    {
        BundleHeader header = _headers["small.phrb"];
        DocumentProof proof = header.ProveDocument(header.Documents[1].Id);
        byte[] bytes = proof.ToBytes();
        yield return Case("second-of-two", "As the header makes it.", "ok", bytes);
        yield return Case("other-root", "Against another header's root.", "Unproven", bytes, _headers["chunks.phrb"].DocumentsRoot);
        yield return Case("other-place", "The same path from place 0.", "Unproven", Made(0, 2, [.. proof.Path]));
        yield return Case("other-count", "The same path in a list of three.", "Unproven", Made(1, 3, [.. proof.Path]));
        yield return Case("path-short", "No path.", "Unproven", Made(1, 2));
        yield return Case("path-long", "One sibling too many.", "Unproven", Made(1, 2, [.. proof.Path, proof.Path[0]]));
        yield return Case("commitment-flipped", "Another key commitment.", "Unproven", Flip(bytes, Find(bytes, proof.KeyCommitment.ToBytes())));
        yield return Case("node-as-leaf", "The root's own two children as a leaf of a list of one.", "Unproven", new DocumentProof(proof.DocumentId, proof.Path[0], header.DocumentsRoot, 0, 1, []).ToBytes());
        yield return Case("index-not-below-count", "Place 2 of 2.", $"{PhrDataReason.OutOfRange}", Made(2, 2, [.. proof.Path]));
        yield return Case("count-too-high", "Place 1 of 1,025.", $"{PhrDataReason.OutOfRange}", Made(1, 1025, [.. proof.Path]));
        yield return Case("path-too-long", "A path of eleven.", $"{PhrDataReason.TooLarge}", Made(1, 2, [.. Enumerable.Repeat(proof.Path[0], 11)]));
        yield return Case("other-tag", "Another tag.", $"{PhrDataReason.UnknownVersion}", Flip(bytes, 5));
        yield return Case("truncated", "The last byte is missing.", $"{PhrDataReason.Malformed}", bytes[..^1]);
        yield return Case("trailing-byte", "A byte follows.", $"{PhrDataReason.NonCanonical}", [.. bytes, 0]);

        byte[] Made(int index, int count, params Digest[] path) =>
            new DocumentProof(proof.DocumentId, proof.CapsuleDigest, proof.KeyCommitment, index, count, path).ToBytes();

        BundleVector Case(string name, string about, string expect, byte[] input, Digest? root = null) => new()
        {
            Name = name,
            About = about,
            Expect = expect,
            Stage = expect is "ok" or "Unproven" ? null : "document proof",
            Input = Hex(input),
            Root = (root ?? header.DocumentsRoot).ToString(),
        };
    }

    private IEnumerable<BundleVector> SourceCases()
    {
        var digest = Digest.Of("a laboratory report"u8);
        byte[] honest = SourceSignature.Create(
            _hospital.Identity.ObjectSigner, _hospital.Identity.Id, digest, _patient.Identity.Id, BundleScene.Time, new StreamRandom("vectors: source 2")).ToBytes();
        byte[] payload = SignedObject.Parse("vectors", "phr/source/v1", honest, 512).Payload;
        yield return new()
        {
            Name = "hospital",
            About = "As a hospital makes it.",
            Expect = "ok",
            Input = Hex(honest),
            Result = new()
            {
                ["plaintextDigest"] = digest.ToString(),
                ["patientId"] = _patient.Identity.Id.ToString(),
                ["signerId"] = _hospital.Identity.Id.ToString(),
                ["signerKey"] = _hospital.PublicKeys.ObjectKey.ToString(),
                ["time"] = $"{BundleScene.Time.ToUnixTimeSeconds()}",
            },
        };
        yield return Refused("digest-flipped", "A bit of the digest, after signing.", PhrDataReason.InvalidSignature, Flip(honest, Find(honest, digest.ToBytes())));
        yield return Refused("signed-by-another", "Signed by another key than the one in it.", PhrDataReason.InvalidSignature, Encode("phr/source/v1", payload, _stranger));
        yield return Refused("signed-as-header", "Signed and written under phr/header/v1.", PhrDataReason.UnknownVersion, Encode("phr/header/v1", payload, _hospital));
        yield return Refused("key-not-a-point", "A key that is no point of the curve.", PhrDataReason.InvalidPoint, Encode("phr/source/v1", [.. payload[..^33], .. NoPoint], _hospital));
        yield return Refused("four-items", "One item is missing.", PhrDataReason.Malformed, Encode("phr/source/v1", [0x84, .. payload[1..^35]], _hospital));
        yield return Refused("truncated", "The last byte is missing.", PhrDataReason.Malformed, honest[..^1]);
        yield return Refused("trailing-byte", "A byte follows.", PhrDataReason.NonCanonical, [.. honest, 0]);
        yield return Refused("too-long", "513 bytes.", PhrDataReason.TooLarge, new byte[513]);

        static byte[] Encode(string tag, byte[] payload, PatientKeys signer) =>
            SignedObject.Encode(tag, payload, signer.Identity.ObjectSigner.Sign(SignedObject.Message(tag, payload), new StreamRandom("vectors: source 3")));

        static BundleVector Refused(string name, string about, PhrDataReason reason, byte[] input) =>
            new() { Name = name, About = about, Expect = $"{reason}", Stage = "source signature", Input = Hex(input) };
    }

    private IEnumerable<BundleVector> KeyCases()
    {
        BundleHeader small = _headers["small.phrb"];
        BundleDocument first = small.Documents[0];
        using SecretKey delegating = _patient.DeriveDelegatingKey(small.BundleId, first.Id);
        using CapsuleKey capsuleKey = Umbral.Decapsulate(delegating, first.Capsule);
        using DocumentKey key = small.UnwrapKey(first.Id, capsuleKey);
        byte[] secret = new byte[SecretKey.Length];
        delegating.ExportTo(secret);
        yield return new()
        {
            Name = "first-document",
            About = "Every inner value on the way from the patient's secret to the document's keys.",
            Expect = "ok",
            Input = Hex(small.ToBytes()),
            Document = 0,
            Result = new()
            {
                ["delegatingSecretKey"] = Hex(secret),
                ["capsuleKey"] = Hex(capsuleKey.Reveal()),
                ["contentKey"] = Hex(key.ContentKey.Reveal()),
                ["context"] = DocumentCipher.Context(small.LedgerId, small.PatientId, small.BundleId, first.Id).ToString(),
                ["encryptionKey"] = Hex(EncryptionKey(small, first, key)),
                ["keyCommitment"] = key.KeyCommitment.ToString(),
                ["metadataKey"] = Hex(key.MetadataKey),
            },
        };
        yield return Refused("wrapped-key-flipped", "A bit of the wrapped key.", PhrDataReason.AuthenticationFailed, f => f.Documents[0].WrappedKey[0] ^= 1);
        yield return Refused("wrapped-key-tag-flipped", "A bit of its tag.", PhrDataReason.AuthenticationFailed, f => f.Documents[0].WrappedKey[^1] ^= 1);
        yield return Refused("wrapped-key-of-another-document", "The second document's wrapped key.", PhrDataReason.AuthenticationFailed, f => f.Documents[0].WrappedKey = f.Documents[1].WrappedKey);
        yield return Refused("capsule-of-another-document", "The two documents' capsules, exchanged.", PhrDataReason.AuthenticationFailed, f =>
            (f.Documents[0].Capsule, f.Documents[1].Capsule) = (f.Documents[1].Capsule, f.Documents[0].Capsule));
        yield return Refused("commitment-flipped", "A bit of the key commitment.", PhrDataReason.CommitmentMismatch, f => f.Documents[0].Commitment[0] ^= 1);
        yield return Refused("commitment-of-another-document", "The two documents' commitments, exchanged.", PhrDataReason.CommitmentMismatch, f =>
            (f.Documents[0].Commitment, f.Documents[1].Commitment) = (f.Documents[1].Commitment, f.Documents[0].Commitment));
        yield return Refused("salt-flipped", "A bit of the salt.", PhrDataReason.CommitmentMismatch, f => f.Documents[0].Salt[0] ^= 1);
        yield return Refused("another-chain", "The ledger's chain id is another.", PhrDataReason.CommitmentMismatch, f => f.ChainId++);
        yield return Refused("another-contract", "The ledger's contract is another.", PhrDataReason.CommitmentMismatch, f => f.Contract[0] ^= 1);
        yield return Refused("another-patient-id", "The patient id is another's.", PhrDataReason.CommitmentMismatch, f => f.PatientId = _stranger.Identity.Id.ToBytes());

        BundleVector Refused(string name, string about, PhrDataReason reason, Action<HeaderFields> change) => new()
        {
            Name = name,
            About = about,
            Expect = $"{reason}",
            Stage = "document key",
            Input = Hex(Signed(change)),
            Document = 0,
        };
    }

    private IEnumerable<BundleVector> InfoCases(SourceSignature source)
    {
        BundleHeader small = _headers["small.phrb"];
        BundleDocument first = small.Documents[0];
        using DocumentKey key = small.OpenDocumentKey(first.Id, _patient);
        byte[] plaintext = Unseal(first, key);
        DocumentInfo info = small.DecryptInfo(first.Id, key);
        long length = info.Length!.Value;
        Digest digest = info.PlaintextDigest!.Value;
        byte[] signature = source.ToBytes();
        yield return new()
        {
            Name = "letter",
            About = "A description with one source signature.",
            Expect = "ok",
            Input = Hex(small.ToBytes()),
            Document = 0,
            Result = new()
            {
                ["plaintext"] = Hex(plaintext),
                ["title"] = info.Title,
                ["mediaType"] = info.MediaType,
                ["length"] = $"{length}",
                ["plaintextDigest"] = digest.ToString(),
                ["sourceSignature0"] = Hex(signature),
            },
        };
        string stage = "document info";
        yield return Altered("flipped", "A bit of the ciphertext.", PhrDataReason.AuthenticationFailed, f => f.Documents[0].SealedInfo[0] ^= 1);
        yield return Altered("tag-flipped", "A bit of the tag.", PhrDataReason.AuthenticationFailed, f => f.Documents[0].SealedInfo[^1] ^= 1);
        yield return Altered("truncated", "The last byte is missing.", PhrDataReason.AuthenticationFailed, f => f.Documents[0].SealedInfo = f.Documents[0].SealedInfo[..^1]);
        yield return Altered("of-another-document", "The two documents' descriptions, exchanged.", PhrDataReason.AuthenticationFailed, f =>
            (f.Documents[0].SealedInfo, f.Documents[1].SealedInfo) = (f.Documents[1].SealedInfo, f.Documents[0].SealedInfo));
        yield return Altered("length-mismatch", "The header's ciphertext length is another.", PhrDataReason.Mismatched, f => f.Documents[0].Length += 8);
        yield return Sealed("empty", "No CBOR, only padding.", PhrDataReason.Malformed, new byte[512]);
        yield return Sealed("padding-not-zero", "A byte of the padding is 1.", PhrDataReason.NonCanonical, [.. plaintext[..^1], 1]);
        yield return Sealed("padding-short", "Padded to 511 bytes.", PhrDataReason.NonCanonical, plaintext[..^1]);
        yield return Sealed("padding-long", "Padded to 544 bytes.", PhrDataReason.NonCanonical, [.. plaintext, .. new byte[32]]);
        yield return Sealed("other-tag", "Tag phr/info/v2.", PhrDataReason.UnknownVersion, Pad(Encoded(tag: "phr/info/v2")));
        yield return Sealed("title-long", "A title of 1,025 bytes.", PhrDataReason.TooLarge, Pad(Encoded(title: new string('t', 1025))));
        yield return Sealed("title-control-character", "A title with a line break.", PhrDataReason.Malformed, Pad(Encoded(title: "a\nb")));
        yield return Sealed("media-type-without-slash", "Media type text.", PhrDataReason.Malformed, Pad(Encoded(mediaType: "text")));
        yield return Sealed("plaintext-length-other", "A length that pads to another ciphertext.", PhrDataReason.Mismatched, Pad(Encoded(length: 45)));
        yield return Sealed("plaintext-length-2-to-the-40-plus-1", "A length above 2^40.", PhrDataReason.OutOfRange, Pad(Encoded(length: (1L << 40) + 1)));
        yield return Sealed("signature-repeated", "The source signature twice.", PhrDataReason.Duplicate, Pad(Encoded(signatures: [signature, signature])));
        yield return Sealed("signatures-too-many", "Nine source signatures.", PhrDataReason.TooLarge, Pad(Encoded(signatures: [.. Enumerable.Repeat(signature, 9)])));
        yield return Sealed("signature-over-other-content", "A source signature over other content.", PhrDataReason.Mismatched, Pad(Encoded(signatures: [Source(Digest.Of([1]), _patient)])));
        yield return Sealed("signature-for-another-patient", "A source signature for another patient.", PhrDataReason.Mismatched, Pad(Encoded(signatures: [Source(digest, _stranger)])));
        byte[] anew = [.. new byte[10], 5, 0, .. Seal(key.MetadataKey, [.. "phr/info/v1"u8, .. ObjectContext(small, first)], 5, false, Pad(Encoded(title: "Another title", signatures: [signature])))];
        yield return new()
        {
            Name = "sealed-anew",
            About = "A description that a revision sealed anew, under the nonce before it.",
            Expect = "ok",
            Input = Hex(Signed(f => f.Documents[0].SealedInfo = anew)),
            Document = 0,
            Result = new()
            {
                ["title"] = "Another title",
                ["mediaType"] = "text/plain",
                ["length"] = $"{length}",
                ["plaintextDigest"] = digest.ToString(),
                ["sourceSignature0"] = Hex(signature),
            },
        };
        yield return Altered("sealed-anew-nonce-flipped", "A bit of the nonce.", PhrDataReason.AuthenticationFailed, f => f.Documents[0].SealedInfo = Flip(anew, 9));
        yield return Altered("sealed-anew-without-nonce", "The nonce is missing.", PhrDataReason.AuthenticationFailed, f => f.Documents[0].SealedInfo = anew[12..]);
        yield return Altered("sealed-anew-truncated", "The last 32 bytes are missing.", PhrDataReason.AuthenticationFailed, f => f.Documents[0].SealedInfo = anew[..^32]);
        stage = "source signature";
        yield return Sealed("signature-flipped", "A source signature that does not verify.", PhrDataReason.InvalidSignature, Pad(Encoded(signatures: [Flip(signature, signature.Length - 20)])));

        byte[] Source(Digest over, PatientKeys patient) => SourceSignature.Create(
            _hospital.Identity.ObjectSigner, _hospital.Identity.Id, over, patient.Identity.Id, BundleScene.Time, new StreamRandom("vectors: source 4")).ToBytes();

        byte[] Encoded(string tag = "phr/info/v1", string title = "Title", string mediaType = "text/plain", long? length = null, byte[][]? signatures = null)
        {
            CanonicalCborWriter writer = new CanonicalCborWriter()
                .Array(6).Text(tag).Text(title).Text(mediaType).UInt64((ulong)(length ?? info.Length!.Value)).Id(digest).Array((signatures ?? []).Length);
            foreach (byte[] item in signatures ?? [])
            {
                writer.Bytes(item);
            }

            return writer.EndArray().EndArray().ToBytes();
        }

        BundleVector Sealed(string name, string about, PhrDataReason reason, byte[] content) =>
            Altered(name, about, reason, f => f.Documents[0].SealedInfo = Seal(key.MetadataKey, [.. "phr/info/v1"u8, .. ObjectContext(small, first)], 0, false, content));

        BundleVector Altered(string name, string about, PhrDataReason reason, Action<HeaderFields> change) => new()
        {
            Name = name,
            About = about,
            Expect = $"{reason}",
            Stage = stage,
            Input = Hex(Signed(change)),
            Document = 0,
        };

        byte[] Unseal(BundleDocument document, DocumentKey documentKey)
        {
            byte[] sealedInfo = document.SealedInfo.ToArray(), opened = new byte[sealedInfo.Length - 16];
            using var aes = new AesGcm(documentKey.MetadataKey, 16);
            aes.Decrypt(new byte[12], sealedInfo.AsSpan(0, opened.Length), sealedInfo.AsSpan(opened.Length), opened, [.. "phr/info/v1"u8, .. ObjectContext(small, document)]);
            return opened;
        }

        static byte[] Pad(byte[] encoded) => [.. encoded, .. new byte[Phr.Crypto.Envelopes.Padme.PaddedLength(Math.Max(encoded.Length, 512)) - encoded.Length]];
    }

    private IEnumerable<BundleVector> DocumentCases()
    {
        const int Chunk = 65_552;
        BundleHeader chunks = _headers["chunks.phrb"], small = _headers["small.phrb"], empty = _headers["empty.phrb"];
        int three = (int)chunks.Documents[0].CiphertextLength, two = (int)chunks.Documents[1].CiphertextLength, one = (int)small.Documents[0].CiphertextLength;
        var ciphertext = new BundleVectorPart("chunks.phrb", 8, three);
        var second = new BundleVectorPart("chunks.phrb", 8 + three, two);
        var tiny = new BundleVectorPart("small.phrb", 8, one);
        yield return Ok("three-chunks", "131,073 bytes.", chunks, 0, ciphertext, BundleScene.Content(131_073));
        yield return Ok("two-chunks", "65,537 bytes.", chunks, 1, second, BundleScene.Content(65_537));
        yield return Ok("empty", "No bytes: one chunk that is a tag alone.", empty, 0, new BundleVectorPart("empty.phrb", 8, 16), []);

        yield return Failed("first-byte-flipped", "A bit of the first chunk.", ciphertext, FlipAt(0));
        yield return Failed("first-tag-flipped", "A bit of the first chunk's tag.", ciphertext, FlipAt(Chunk - 1));
        yield return Failed("middle-flipped", "A bit of the second chunk.", ciphertext, FlipAt(Chunk + 1000));
        yield return Failed("last-flipped", "A bit of the last chunk.", ciphertext, FlipAt((2 * Chunk) + 1));
        yield return Failed("last-tag-flipped", "A bit of the last chunk's tag.", ciphertext, FlipAt(three - 1));
        yield return Failed("chunks-exchanged", "The first two chunks, exchanged.", ciphertext, new BundleVectorEdit(0, Chunk), new BundleVectorEdit(Chunk, 0, null, new("chunks.phrb", 8, Chunk)));
        yield return Failed("chunk-repeated", "The first chunk in place of the second.", ciphertext, new BundleVectorEdit(Chunk, Chunk, null, new("chunks.phrb", 8, Chunk)));
        yield return Failed("chunk-left-out", "Without the first chunk, filled up at the end.", ciphertext, new BundleVectorEdit(0, Chunk), new BundleVectorEdit(three - Chunk, 0, null, new("chunks.phrb", 8, Chunk)));
        yield return Failed("chunk-of-another-document", "The first chunk of the bundle's other document.", ciphertext, new BundleVectorEdit(0, Chunk, null, new("chunks.phrb", 8 + three, Chunk)));
        yield return Refused("truncated-by-a-byte", "The last byte is missing.", PhrDataReason.Truncated, ciphertext, new BundleVectorEdit(three - 1, 1));
        yield return Refused("truncated-by-a-chunk", "The last chunk is missing.", PhrDataReason.Truncated, ciphertext, new BundleVectorEdit(2 * Chunk, three - (2 * Chunk)));
        yield return Refused("truncated-to-nothing", "No bytes.", PhrDataReason.Truncated, ciphertext, new BundleVectorEdit(0, three));
        yield return Refused("extended-by-a-byte", "A byte follows.", PhrDataReason.WrongLength, ciphertext, new BundleVectorEdit(three, 0, "00"));
        yield return Refused("extended-by-a-chunk", "The last chunk follows again.", PhrDataReason.WrongLength, ciphertext, new BundleVectorEdit(three, 0, null, new("chunks.phrb", 8 + (2 * Chunk), three - (2 * Chunk))));

        // What somebody who has the document's key can make.
        BundleDocument letter = small.Documents[0];
        using DocumentKey key = small.OpenDocumentKey(letter.Id, _patient);
        byte[] encryptionKey = EncryptionKey(small, letter, key), context = ObjectContext(small, letter), plaintext = new byte[one - 16];
        byte[] sealedLetter = Files["small.phrb"][8..(8 + one)];
        using (ChunkCipher cipher = key.CreateCipher(small.BundleId))
        {
            Assert.True(cipher.TryOpen(0, true, sealedLetter, plaintext));
        }

        int content = (int)small.DecryptInfo(letter.Id, key).Length!.Value;
        yield return Made("last-flag-0", "The only chunk, sealed as if another followed.", PhrDataReason.AuthenticationFailed, Seal(encryptionKey, context, 0, false, plaintext));
        yield return Made("counter-1", "The only chunk, sealed with counter 1.", PhrDataReason.AuthenticationFailed, Seal(encryptionKey, context, 1, true, plaintext));
        yield return Made("without-context", "Sealed with no associated data.", PhrDataReason.AuthenticationFailed, Seal(encryptionKey, [], 0, true, plaintext));
        yield return Made("with-another-commitment", "Sealed with another key commitment in the associated data.", PhrDataReason.AuthenticationFailed, Seal(encryptionKey, [.. context[..^1], (byte)(context[^1] ^ 1)], 0, true, plaintext));
        yield return Made("other-content", "Sealed as it must be, with one letter changed: the digest that the patient sealed refuses it.", PhrDataReason.DigestMismatch, Seal(encryptionKey, context, 0, true, Flip(plaintext, 0)));
        yield return Made("padding-not-zero", "Sealed as it must be, with a bit of the padding set.", PhrDataReason.NonCanonical, Seal(encryptionKey, context, 0, true, Flip(plaintext, content)));

        static BundleVectorEdit FlipByte(int at, byte value) => new(at, 1, Hex([(byte)(value ^ 1)]));
        BundleVectorEdit FlipAt(int at) => FlipByte(at, Files["chunks.phrb"][8 + at]);

        BundleVector Ok(string name, string about, BundleHeader header, int document, BundleVectorPart part, byte[] opened) => new()
        {
            Name = name,
            About = about,
            Expect = "ok",
            Header = Hex(header.ToBytes()),
            Document = document,
            Base = part,
            Result = new() { ["length"] = $"{opened.Length}", ["plaintextDigest"] = Digest.Of(opened).ToString() },
        };

        BundleVector Failed(string name, string about, BundleVectorPart part, params BundleVectorEdit[] edits) =>
            Refused(name, about, PhrDataReason.AuthenticationFailed, part, edits);

        BundleVector Refused(string name, string about, PhrDataReason reason, BundleVectorPart part, params BundleVectorEdit[] edits) => new()
        {
            Name = name,
            About = about,
            Expect = $"{reason}",
            Stage = "document",
            Header = Hex(chunks.ToBytes()),
            Document = 0,
            Base = part,
            Edits = edits,
        };

        BundleVector Made(string name, string about, PhrDataReason reason, byte[] made) => new()
        {
            Name = name,
            About = about,
            Expect = $"{reason}",
            Stage = "document",
            Header = Hex(small.ToBytes()),
            Document = 0,
            Base = tiny,
            Edits = [new BundleVectorEdit(0, one, Hex(made))],
        };
    }

    private IEnumerable<BundleVector> FileCases()
    {
        foreach (string name in (string[])["small.phrb", "empty.phrb", "chunks.phrb", "twin.phrb"])
        {
            yield return new()
            {
                Name = name[..^5],
                About = "As the writer makes it.",
                Expect = "ok",
                Base = new(name),
                Result = new(_headers[name].Documents.Select((d, i) =>
                {
                    using DocumentKey key = _headers[name].OpenDocumentKey(d.Id, _patient);
                    return KeyValuePair.Create($"document{i}", _headers[name].DecryptInfo(d.Id, key).PlaintextDigest!.Value.ToString());
                }).ToDictionary()),
            };
        }

        byte[] file = Files["small.phrb"];
        BundleHeader header = _headers["small.phrb"];
        int end = file.Length, headerLength = header.ToBytes().Length, trailer = end - 52, start = trailer - headerLength;
        int one = (int)header.Documents[0].CiphertextLength, two = (int)header.Documents[1].CiphertextLength;
        yield return Refused("nothing", "No bytes.", PhrDataReason.Truncated, new BundleVectorEdit(0, end));
        yield return Refused("too-short", "59 bytes.", PhrDataReason.Truncated, new BundleVectorEdit(59, end - 59));
        yield return Refused("magic-flipped", "A bit of the magic.", PhrDataReason.UnknownVersion, Flipped(7));
        yield return Refused("truncated-by-a-byte", "The last byte is missing.", PhrDataReason.Truncated, new BundleVectorEdit(end - 1, 1));
        yield return Refused("without-trailer", "The trailer is missing.", PhrDataReason.Truncated, new BundleVectorEdit(trailer, 52));
        yield return Refused("trailing-byte", "A byte follows.", PhrDataReason.Truncated, new BundleVectorEdit(end, 0, "00"));
        yield return Refused("byte-before", "A byte stands in front.", PhrDataReason.UnknownVersion, new BundleVectorEdit(0, 0, "00"));
        yield return Refused("line-ends-changed", "The magic after a transfer as text.", PhrDataReason.UnknownVersion, new BundleVectorEdit(5, 1));
        yield return Refused("header-offset-negative", "The header's offset is 2^64 - 1.", PhrDataReason.OutOfRange, new BundleVectorEdit(trailer, 8, "ffffffffffffffff"));
        yield return Refused("header-offset-wraps", "Offset and length add up to the right number modulo 2^64.", PhrDataReason.OutOfRange, new BundleVectorEdit(trailer, 12, $"{unchecked((ulong)(start - (1 << 20) + headerLength)):x16}00100000"));
        yield return Refused("header-offset-one-less", "The header's offset is one less.", PhrDataReason.OutOfRange, new BundleVectorEdit(trailer, 8, $"{start - 1:x16}"));
        yield return Refused("header-offset-and-length-one-more", "The header with the byte before it.", PhrDataReason.DigestMismatch, new BundleVectorEdit(trailer, 12, $"{start - 1:x16}{headerLength + 1:x8}"));
        yield return Refused("header-offset-0", "The header's offset is 0, its length the rest.", PhrDataReason.OutOfRange, new BundleVectorEdit(trailer, 12, $"{0:x16}{trailer:x8}"));
        yield return Refused("header-length-too-high", "A header of 2^32 - 1 bytes.", PhrDataReason.TooLarge, new BundleVectorEdit(trailer + 8, 4, "ffffffff"));
        yield return Refused("header-flipped", "A bit of the header.", PhrDataReason.DigestMismatch, Flipped(start + 100));
        yield return Refused("trailer-digest-flipped", "A bit of the digest in the trailer.", PhrDataReason.DigestMismatch, Flipped(trailer + 12));
        yield return Refused("end-magic-flipped", "A bit of the end magic.", PhrDataReason.Truncated, Flipped(end - 1));
        yield return Refused("gap-before-header", "A byte between the last ciphertext and the header.", PhrDataReason.Mismatched, new BundleVectorEdit(start, 0, "00"), new BundleVectorEdit(trailer + 1, 8, $"{start + 1:x16}"));
        yield return Refused("ciphertext-left-out", "Without the first ciphertext.", PhrDataReason.Mismatched, new BundleVectorEdit(8, one), new BundleVectorEdit(trailer - one, 8, $"{start - one:x16}"));
        yield return Refused("first-ciphertext-flipped", "A bit of the first ciphertext.", PhrDataReason.DigestMismatch, Flipped(8));
        yield return Refused("second-ciphertext-flipped", "A bit of the second ciphertext.", PhrDataReason.DigestMismatch, Flipped(8 + one));
        yield return Refused("ciphertexts-exchanged", "The second ciphertext before the first.", PhrDataReason.DigestMismatch, new BundleVectorEdit(8, one), new BundleVectorEdit(8 + two, 0, null, new("small.phrb", 8, one)));
        BundleVectorPart twinEnd = new("twin.phrb", 8 + one + two);
        yield return Refused("header-of-another-bundle", "Header and trailer of another bundle of the patient, whose ciphertexts are as long.", PhrDataReason.DigestMismatch, new BundleVectorEdit(start, end - start, null, twinEnd));
        yield return Refused("ciphertext-of-another-bundle", "The first ciphertext of another bundle of the patient.", PhrDataReason.DigestMismatch, new BundleVectorEdit(8, one, null, new("twin.phrb", 8, one)));
        yield return new() { Name = "another-patient", About = "Another patient's bundle.", Expect = $"{PhrDataReason.InvalidSignature}", Stage = "bundle header", Base = new("stranger.phrb") };
        byte[] signedByStranger = HeaderFields.From(header).Sign(_stranger);
        yield return new()
        {
            Name = "header-signature-of-another",
            About = "The header, signed by another key, under a right trailer.",
            Expect = $"{PhrDataReason.InvalidSignature}",
            Stage = "bundle header",
            Base = new("small.phrb"),
            Edits = [new BundleVectorEdit(start, end - start, Hex([.. signedByStranger, .. Trailer(start, signedByStranger)]))],
        };

        BundleVectorEdit Flipped(int at) => new(at, 1, Hex([(byte)(file[at] ^ 1)]));

        byte[] Trailer(int offset, byte[] bytes) =>
            [.. Convert.FromHexString($"{offset:x16}{bytes.Length:x8}"), .. SHA256.HashData(bytes), .. file[^8..]];

        BundleVector Refused(string name, string about, PhrDataReason reason, params BundleVectorEdit[] edits) => new()
        {
            Name = name,
            About = about,
            Expect = $"{reason}",
            Stage = "bundle file",
            Base = new("small.phrb"),
            Edits = edits,
        };
    }

    private static byte[] NoPoint => [0x02, .. Enumerable.Repeat((byte)0xff, 32)];

    private static byte[] ObjectContext(BundleHeader header, BundleDocument document) =>
        [.. header.BundleId.ToBytes(), .. document.Id.ToBytes(), .. document.KeyCommitment.ToBytes()];

    private static byte[] EncryptionKey(BundleHeader header, BundleDocument document, DocumentKey key)
    {
        using var schedule = DocumentCipher.DeriveSchedule(
            key.ContentKey, document.Salt.Span, DocumentCipher.Context(header.LedgerId, header.PatientId, header.BundleId, document.Id));
        return schedule.Reveal()[..32].ToArray();
    }

    private static byte[] Seal(ReadOnlySpan<byte> key, byte[] context, byte counter, bool last, byte[] plaintext)
    {
        byte[] bytes = new byte[plaintext.Length + 16], nonce = new byte[12];
        (nonce[10], nonce[11]) = (counter, last ? (byte)1 : (byte)0);
        using var aes = new AesGcm(key, 16);
        aes.Encrypt(nonce, plaintext, bytes.AsSpan(0, plaintext.Length), bytes.AsSpan(plaintext.Length), context);
        return bytes;
    }

    // V = -E with the s that makes the self-check hold: s = w + r h with w = -r.
    private static byte[] OpenCapsule()
    {
        Scalar r = Scalar.Random(new StreamRandom("vectors: open capsule"));
        Point e = Point.MultiplyBase(r), v = Point.MultiplyBase(-r);
        Scalar s = -r + (r * UmbralHash.CapsulePoints(e, v));
        return [.. e.ToBytes(), .. v.ToBytes(), .. s.ToBytes()];
    }

    private static byte[] Secret(string label)
    {
        byte[] secret = new byte[PatientKeys.RecoverySecretLength];
        new StreamRandom(label).Fill(secret);
        return secret;
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    private static byte[] Flip(byte[] bytes, int at) => [.. bytes[..at], (byte)(bytes[at] ^ 1), .. bytes[(at + 1)..]];

    private static int Find(byte[] bytes, ReadOnlySpan<byte> part) => bytes.AsSpan().IndexOf(part);

    private static byte[] HighS(byte[] signature)
    {
        Assert.True(Scalar.TryFromBytes(signature.AsSpan(32), out Scalar s));
        return [.. signature[..32], .. (-s).ToBytes()];
    }

    private static byte[] Outer(BundleHeader header, Func<byte[], byte[]> change)
    {
        SignedObject.Parts parts = SignedObject.Parse("vectors", "phr/header/v1", header.ToBytes(), BundleHeader.MaxLength);
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartArray(3);
        writer.WriteTextString("phr/header/v1");
        writer.WriteByteString(parts.Payload);
        writer.WriteByteString(change(parts.Signature.ToBytes()));
        writer.WriteEndArray();
        return writer.Encode();
    }

    private byte[] SignedUnder(string tag, BundleHeader header)
    {
        byte[] payload = HeaderFields.From(header).Payload();
        return SignedObject.Encode("phr/header/v1", payload, _patient.Identity.ObjectSigner.Sign(SignedObject.Message(tag, payload), new StreamRandom("vectors: other tag")));
    }

    private byte[] Signed(Action<HeaderFields> change)
    {
        var fields = HeaderFields.From(_headers["small.phrb"]);
        change(fields);
        return fields.Sign(_patient);
    }

    private void AddRecipient(HeaderFields fields)
    {
        BundleHeader small = _headers["small.phrb"];
        using SecretKey recipient = SecretKey.Generate(new StreamRandom("vectors: recipient"));
        using DocumentKey key = small.OpenDocumentKey(small.Documents[0].Id, _patient);
        (Capsule capsule, byte[] wrappedKey) = DocumentSealer.Wrap(key, recipient.PublicKey, new StreamRandom("vectors: recipient capsule"));
        fields.Documents[0].Recipients.Add((recipient.PublicKey.ToBytes(), capsule.ToSimpleBytes(), wrappedKey));
    }

    private async Task FileAsync(string name, PatientKeys patient, params (byte[] Content, DocumentInfo Info)[] documents)
    {
        using var output = new MemoryStream();
        await using BundleWriter writer = BundleWriter.Create(output, patient, _ledger, BundleScene.Options, new StreamRandom("vectors: " + name));
        foreach ((byte[] content, DocumentInfo info) in documents)
        {
            await writer.AddAsync(new MemoryStream(content), info);
        }

        _headers.Add(name, await writer.CompleteAsync());
        Files.Add(name, output.ToArray());
    }

    private void Add(string name, string about, BundleVector[] cases)
    {
        Assert.Equal(cases.Length, cases.Select(c => c.Name).Distinct().Count());
        Cases.Add(name, new BundleVectorFile(about, RecoverySecret, cases));
    }
}
