using Phr.Crypto.Memory;
using Phr.Crypto.Search;
using Phr.Crypto.Tests.Bundles;
using Phr.Crypto.Tests.Sharing;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Search;

/// <summary>Makes index.json, grant.json and index.bin of tests/vectors/search. With PHR_WRITE_VECTORS=1 a test writes them; else the test compares.</summary>
internal sealed class SearchVectorGenerator
{
    public const string IndexFile = "index.bin";

    private const int Head = 58;

    public static string Folder => RepositoryRoot.Combine("tests", "vectors", "search");

    public byte[] Index { get; private set; } = [];

    public SortedDictionary<string, BundleVectorFile> Cases { get; } = [];

    public async Task MakeAsync()
    {
        SearchTerm[] terms = [SearchTerm.Word("pain"), SearchTerm.Word("Straße"), SearchTerm.Code("http://snomed.info/sct|22298006"), SearchTerm.Word("absent")];
        using SearchScene scene = await SearchScene.CreateAsync("vectors: search", terms[..3], [terms[0]], []);
        Index = scene.Index.ToBytes();
        byte[] recovery = new byte[PatientKeys.RecoverySecretLength], receiving = new byte[SecretKey.Length];
        scene.Patient.ExportRecoverySecret(recovery);
        scene.ReceivingKey.ExportTo(receiving);
        string secret = Hex(recovery);

        Cases.Add("index", new BundleVectorFile(
            "Search indexes: docs/search-format.md sections 3 and 4. `header` names the index; `base` and `edits` give its bytes, which are read, not compared with the header. "
            + "`result` has, by kind and value of each term, the token, label and value of number 0, and the documents found.",
            secret,
            [.. IndexCases(scene, terms)]));
        Cases.Add("grant", new BundleVectorFile(
            "Sealed search grants: docs/search-format.md section 5. `input` is the sealed grant, `header` the bundle's; the request is 32 zero bytes and ends at 1795429800; "
            + $"the secret receiving key is {Hex(receiving)}. `result` has the token of each term.",
            secret,
            [.. GrantCases(scene, terms)]));
    }

    public static Dictionary<string, string> Describe(SearchIndex index, PatientKeys patient, BundleHeader header, IEnumerable<string> names)
    {
        var result = new Dictionary<string, string>();
        foreach (string name in names.Where(n => n.Contains(':', StringComparison.Ordinal)))
        {
            Assert.True(SearchTerm.TryRead(name[0] - '0', name[2..], out SearchTerm? term));
            using SearchToken token = SearchToken.Create(patient, header, term);
            using var keys = new TermKeys(token.Key.Reveal());
            byte[] entry = new byte[SearchIndexForm.EntryLength];
            IReadOnlyList<DocumentId> found = index.Find(token);
            keys.Write(0, found.Count > 0 ? found[0] : default, entry);
            string row = found.Count > 0 ? Hex(entry) : Hex(entry.AsSpan(0, SearchIndexForm.LabelLength));
            result.Add(name, $"{Hex(token.Key.Reveal())} {row} {string.Join(',', found)}");
        }

        return result;
    }

    private IEnumerable<BundleVector> IndexCases(SearchScene scene, SearchTerm[] terms)
    {
        string header = Hex(scene.Header.ToBytes());
        using SecretBytes indexKey = scene.Patient.DeriveSearchKey(scene.Header.BundleId, scene.Header.SearchIndex!.Epoch, scene.Header.SearchIndex.Salt.Span);
        Dictionary<string, string> described = Describe(scene.Index, scene.Patient, scene.Header, terms.Select(t => $"{(int)t.Kind}:{t.Value}"));
        described.Add("indexKey", Hex(indexKey.Reveal()));
        described.Add("cid", scene.Index.Cid.ToString());
        yield return new()
        {
            Name = "three-documents",
            About = "Two documents with terms and one without, in 1,024 entries.",
            Expect = "ok",
            Header = header,
            Base = new(IndexFile),
            Result = new(described),
        };
        const int Row = SearchIndexForm.EntryLength;
        yield return Refused("nothing", "No bytes.", PhrDataReason.Malformed, new BundleVectorEdit(0, Index.Length));
        yield return Refused("truncated", "The last byte is missing.", PhrDataReason.Malformed, new BundleVectorEdit(Index.Length - 1, 1));
        yield return Refused("trailing-byte", "A byte follows.", PhrDataReason.NonCanonical, new BundleVectorEdit(Index.Length, 0, "00"));
        yield return Refused("other-tag", "Tag phr/search-index/v2.", PhrDataReason.UnknownVersion, new BundleVectorEdit(20, 1, "32"));
        yield return Refused("four-items", "The array has four items.", PhrDataReason.Malformed, new BundleVectorEdit(0, 1, "84"), new BundleVectorEdit(Index.Length, 0, "00"));
        yield return Refused("salt-short", "A salt of 31 bytes.", PhrDataReason.WrongLength, new BundleVectorEdit(22, 2, "581f"));
        yield return Refused("entry-short", "The entries end a byte early.", PhrDataReason.WrongLength, new BundleVectorEdit(Index.Length - 1, 1), new BundleVectorEdit(Head - 2, 2, "bfff"));
        yield return Refused("entry-missing", "1,023 entries.", PhrDataReason.WrongLength, new BundleVectorEdit(Index.Length - Row, Row), new BundleVectorEdit(Head - 2, 2, "bfd0"));
        yield return Refused("no-entries", "An empty string of entries.", PhrDataReason.WrongLength, new BundleVectorEdit(Head - 3, Index.Length - Head + 3, "40"));
        yield return Refused("entries-exchanged", "The first two entries, exchanged.", PhrDataReason.NonCanonical, new BundleVectorEdit(Head + Row, Row), new BundleVectorEdit(Head, 0, Hex(Index.AsSpan(Head + Row, Row))));
        yield return Refused("label-repeated", "The first entry twice.", PhrDataReason.NonCanonical, new BundleVectorEdit(Head + Row, Row, Hex(Index.AsSpan(Head, Row))));
        yield return Refused("length-not-shortest", "The entries' length in four bytes.", PhrDataReason.Malformed, new BundleVectorEdit(Head - 3, 3, "5a0000c000"));

        BundleVector Refused(string name, string about, PhrDataReason reason, params BundleVectorEdit[] edits) =>
            new() { Name = name, About = about, Expect = $"{reason}", Stage = "search index", Header = header, Base = new(IndexFile), Edits = edits };
    }

    private static IEnumerable<BundleVector> GrantCases(SearchScene scene, SearchTerm[] terms)
    {
        BundleHeader header = scene.Header;
        byte[] sealedGrant = scene.Seal(terms);
        var tokens = new SortedDictionary<string, string>();
        var keys = new List<byte>();
        foreach (SearchTerm term in terms)
        {
            using SearchToken token = scene.Token(term);
            tokens.Add($"{(int)term.Kind}:{term.Value}", Hex(token.Key.Reveal()));
            keys.AddRange(token.Key.Reveal());
        }

        yield return new() { Name = "four-terms", About = "As the patient makes it.", Expect = "ok", Header = Hex(header.ToBytes()), Input = Hex(sealedGrant), Result = tokens };
        yield return Case("flipped", "A bit of the ciphertext.", PhrDataReason.AuthenticationFailed, "envelope", [.. sealedGrant[..^1], (byte)(sealedGrant[^1] ^ 1)]);
        yield return Case("capsule-flipped", "A bit of the capsule.", PhrDataReason.InvalidProof, "envelope", [.. sealedGrant[..97], (byte)(sealedGrant[97] ^ 1), .. sealedGrant[98..]]);
        yield return Made("tokens-flipped", "A bit of a token: not what was signed.", PhrDataReason.DigestMismatch, terms, scene.Terms, [.. keys[..^1], (byte)(keys[^1] ^ 1)]);
        yield return Made("token-missing", "One token fewer than terms.", PhrDataReason.WrongLength, terms, scene.Terms, [.. keys[..^32]]);
        yield return Made("token-too-many", "One token more than terms.", PhrDataReason.WrongLength, terms, scene.Terms, [.. keys, .. new byte[32]]);
        yield return Made("no-terms", "No terms and no tokens.", PhrDataReason.WrongLength, [], scene.Terms, []);
        yield return Made("term-repeated", "One term twice.", PhrDataReason.Duplicate, [terms[0], terms[0]], scene.Terms, [.. keys[..64]]);
        yield return Made("later-end", "An end a second later than the request's.", PhrDataReason.Mismatched, terms, new() { Request = scene.Terms.Request, ReceivingKey = scene.Terms.ReceivingKey, NotAfter = scene.Terms.NotAfter.AddSeconds(1) }, [.. keys]);
        yield return Made("other-receiver", "Signed for another receiving key.", PhrDataReason.Mismatched, terms, new() { Request = scene.Terms.Request, ReceivingKey = header.PatientKey, NotAfter = scene.Terms.NotAfter }, [.. keys]);
        yield return Case("cut", "The signed part is said to be longer than all.", PhrDataReason.Truncated, "search grant", Sealed([0x7f, 0xff, 0xff, 0xff]));
        yield return Case("empty", "An empty envelope.", PhrDataReason.Truncated, "search grant", Sealed([]));

        BundleVector Made(string name, string about, PhrDataReason reason, SearchTerm[] made, SearchGrantTerms signedTerms, byte[] tokenKeys)
        {
            Digest digest = name.StartsWith("token", StringComparison.Ordinal) ? Digest.Of([.. keys]) : Digest.Of(tokenKeys);
            byte[] signed = HeaderFields.Sign(scene.Patient, "phr/search-grant/v1", SearchGrant.Payload(header, header.SearchIndex!, signedTerms, made, digest));
            return Case(name, about, reason, "search grant", Sealed([0, 0, (byte)(signed.Length >> 8), (byte)(signed.Length & 0xff), .. signed, .. tokenKeys]));
        }

        byte[] Sealed(byte[] content) => Envelope.Seal(
            scene.ReceivingKey.PublicKey, header.PatientId, header.PatientKey, SearchGrant.Context(header, scene.Terms), content, new StreamRandom("vectors: search grant"));

        BundleVector Case(string name, string about, PhrDataReason reason, string stage, byte[] input) =>
            new() { Name = name, About = about, Expect = $"{reason}", Stage = stage, Header = Hex(header.ToBytes()), Input = Hex(input) };
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
