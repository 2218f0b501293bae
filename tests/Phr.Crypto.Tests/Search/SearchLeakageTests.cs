using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Search;
using Phr.Crypto.Tests.Sharing;

namespace Phr.Crypto.Tests.Search;

/// <summary>
/// What index and tokens show is a function of the documented leakage (docs/algorithms/search.md): the size class, and of each token handed
/// out the documents that have its term, and which tokens are the same.
/// </summary>
/// <remarks>
/// Two steps, as in a proof by simulation. First, keyed functions of terms without a token are replaced by independent uniform bytes, and token
/// keys by uniform keys: that no distinguisher tells this from the real thing is the assumption that HMAC-SHA-256 is pseudorandom, that
/// AES-256-GCM's ciphertexts are, and that HKDF is. What is left is ours, and is tested exactly: over the same tape, the index that our code
/// assembles from the corpus is, byte by byte, the one that a simulator makes who knows nothing but the leakage.
/// </remarks>
public class SearchLeakageTests
{
    private static readonly DocumentId[] _documents = [.. Enumerable.Range(1, 6).Select(i => DocumentId.FromBytes(SHA256.HashData([(byte)i])[..16])).Order()];

    public static TheoryData<string, string, string> EqualLeakage => new()
    {
        { "other words", "pain aspirin/pain/fever", "pain morphine/pain/cough" },
        { "the other words are in other documents", "pain a b c/pain/-", "pain/pain c/a b" },
        { "one word in all against many in one", "pain x/pain x/x/x", "pain/pain/a b c/d" },
        { "nothing else against much else", "pain/pain", "pain a b c d e f g/pain a b c d e f g" },
        { "other order of the words", "z pain a/pain y", "a y pain/z pain" },
        { "the term is nowhere", "a/b/c", "d e f g h/-/i" },
    };

    /// <summary>Two corpora of equal leakage give equal transcripts, and a simulator who sees neither gives the same.</summary>
    [Theory]
    [MemberData(nameof(EqualLeakage))]
    public void Transcript_CorporaOfEqualLeakage_IsWhatTheSimulatorMakes(string tape, string corpus, string otherCorpus)
    {
        string[] queries = ["pain", "absent", "pain"];
        Transcript real = Hybrid(corpus, queries, tape), other = Hybrid(otherCorpus, queries, tape);
        Leakage leakage = Leak(corpus, queries);
        Transcript simulated = Simulate(leakage, tape);

        Assert.Equal(leakage.ToString(), Leak(otherCorpus, queries).ToString());
        Assert.Equal(real.Entries, other.Entries);
        Assert.Equal(real.Tokens, other.Tokens);
        Assert.Equal(simulated.Entries, real.Entries);
        Assert.Equal(simulated.Tokens, real.Tokens);
        Assert.Equal(real.Tokens[0], real.Tokens[2]);
    }

    /// <summary>The test can fail: corpora whose leakage differs give other transcripts over the same tape.</summary>
    [Theory]
    [InlineData("pain/pain", "pain/-/pain")]
    [InlineData("pain/a", "pain/pain")]
    [InlineData("pain", "absent")]
    public void Transcript_CorporaOfOtherLeakage_Differs(string corpus, string otherCorpus)
    {
        string[] queries = ["pain"];
        Assert.NotEqual(Leak(corpus, queries).ToString(), Leak(otherCorpus, queries).ToString());
        Assert.NotEqual(Hybrid(corpus, queries, "tape").Entries, Hybrid(otherCorpus, queries, "tape").Entries);
    }

    /// <summary>The whole of the real thing: equal sizes, and what the tokens open has the same shape up to the renaming of pseudorandom values.</summary>
    [Fact]
    public async Task Index_CorporaOfEqualLeakage_HaveEqualSizesAndOpenAlike()
    {
        SearchTerm pain = SearchTerm.Word("pain"), absent = SearchTerm.Word("absent");
        using SearchScene one = await SearchScene.CreateAsync("one seed", SearchScene.Words("pain aspirin"), SearchScene.Words("pain"), SearchScene.Words("fever"));
        using SearchScene two = await SearchScene.CreateAsync("one seed", SearchScene.Words("pain"), SearchScene.Words("pain a b c d e f"), []);

        Assert.Equal(one.Index.Length, two.Index.Length);
        Assert.Equal(one.Header.BundleId, two.Header.BundleId);
        Assert.Equal(one.Find(pain), two.Find(pain));
        Assert.Equal(one.Find(absent), two.Find(absent));
        Assert.Equal(one.Header.ToBytes().Length, two.Header.ToBytes().Length);
        Assert.Equal(one.Seal(pain, absent).Length, two.Seal(pain, absent).Length);
    }

    /// <summary>Without a token, filled and padded entries look alike: no byte value stands out in labels or values of either (chi-square, 255 degrees of freedom).</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public async Task Index_WithoutTokens_LooksUniform(int pairs)
    {
        using SearchScene scene = await SearchScene.CreateAsync("uniform", [.. Enumerable.Range(0, pairs).Select(i => SearchTerm.Word($"w{i}"))]);
        byte[] entries = scene.Index.ToBytes()[^(scene.Index.Capacity * SearchIndexForm.EntryLength)..];
        byte[][] rows = [.. entries.Chunk(SearchIndexForm.EntryLength)];

        // Labels are sorted, so their first byte runs evenly by construction; the rest is measured.
        double chi = ChiSquare([.. rows.SelectMany(r => r[2..])]);

        Assert.InRange(chi, 150, 380);
        Assert.Equal(rows.Length, rows.Select(r => Convert.ToHexString(r[..16])).Distinct().Count());
        Assert.Equal(rows.Length, rows.Select(r => Convert.ToHexString(r[16..])).Distinct().Count());
    }

    /// <summary>Asking for an absent term and for one with documents ends in grants of one length, with tokens of one length.</summary>
    [Fact]
    public async Task Seal_AbsentAndPresentTerms_HaveOneShape()
    {
        using SearchScene scene = await SearchScene.CreateAsync("shapes", SearchScene.Words("pain pain2"), SearchScene.Words("pain"));
        using SearchToken present = scene.Token(SearchTerm.Word("pain")), absent = scene.Token(SearchTerm.Word("cold"));

        Assert.Equal(scene.Seal(SearchTerm.Word("pain")).Length, scene.Seal(SearchTerm.Word("cold")).Length);
        Assert.Equal(present.Key.Length, absent.Key.Length);
        Assert.Empty(scene.Index.Find(absent));
    }

    private static Dictionary<string, DocumentId[]> Parse(string corpus) => corpus.Split('/')
        .SelectMany((text, i) => text.Split(' ').Where(w => w != "-").Select(word => (word, Document: _documents[i])))
        .GroupBy(p => p.word).ToDictionary(g => g.Key, g => g.Select(p => p.Document).Order().ToArray());

    private static Leakage Leak(string corpus, string[] queries)
    {
        Dictionary<string, DocumentId[]> documents = Parse(corpus);
        return new Leakage(
            SearchIndexForm.Capacity(documents.Values.Sum(d => d.Length)),
            [.. queries.Select(q => Array.IndexOf(queries, q))],
            [.. queries.Select(q => documents.GetValueOrDefault(q) ?? [])]);
    }

    /// <summary>Our code, with uniform token keys, and uniform bytes for every term that nobody has a token for.</summary>
    private static Transcript Hybrid(string corpus, string[] queries, string tape)
    {
        RandomSource keys = new Tape(tape + " keys"), unseen = new Tape(tape + " unseen");
        Dictionary<string, byte[]> tokens = queries.Distinct().ToDictionary(q => q, _ => Draw(keys, TermKeys.TokenLength));
        var terms = Parse(corpus).Select(t => (
            tokens.TryGetValue(t.Key, out byte[]? key) ? (ITermEntries)new TermKeys(key) : new Uniform(unseen), (IReadOnlyList<DocumentId>)t.Value)).ToList();
        return new Transcript(SearchIndexAssembly.Assemble(terms, unseen)!, [.. queries.Select(q => Convert.ToHexString(tokens[q]))]);
    }

    /// <summary>Knows the leakage and nothing else; written apart from the code under test, but for the functions that a token's holder computes.</summary>
    private static Transcript Simulate(Leakage leakage, string tape)
    {
        RandomSource keys = new Tape(tape + " keys"), unseen = new Tape(tape + " unseen");
        var tokens = new List<byte[]>();
        var rows = new List<byte[]>();
        for (int i = 0; i < leakage.SameAs.Length; i++)
        {
            if (leakage.SameAs[i] < i)
            {
                tokens.Add(tokens[leakage.SameAs[i]]);
                continue;
            }

            tokens.Add(Draw(keys, TermKeys.TokenLength));
            using var term = new TermKeys(tokens[i]);
            for (int j = 0; j < leakage.Documents[i].Length; j++)
            {
                byte[] row = new byte[SearchIndexForm.EntryLength];
                term.Write(j, leakage.Documents[i][j], row);
                rows.Add(row);
            }
        }

        rows.AddRange(Draw(unseen, (leakage.Capacity - rows.Count) * SearchIndexForm.EntryLength).Chunk(SearchIndexForm.EntryLength));
        return new Transcript([.. rows.OrderBy(r => Convert.ToHexString(r), StringComparer.Ordinal).SelectMany(r => r)], [.. tokens.Select(Convert.ToHexString)]);
    }

    private static byte[] Draw(RandomSource random, int length)
    {
        byte[] bytes = new byte[length];
        random.Fill(bytes);
        return bytes;
    }

    private static double ChiSquare(byte[] bytes)
    {
        double expected = bytes.Length / 256.0;
        return Enumerable.Range(0, 256).Sum(v => Math.Pow(bytes.Count(b => b == v) - expected, 2) / expected);
    }

    private sealed record Transcript(byte[] Entries, string[] Tokens);

    private sealed record Leakage(int Capacity, int[] SameAs, DocumentId[][] Documents)
    {
        public override string ToString() => $"{Capacity} {string.Join(',', SameAs)} {string.Join(';', Documents.Select(d => string.Join(',', d)))}";
    }

    /// <summary>Bytes in one order, however many are taken at a time.</summary>
    private sealed class Tape : RandomSource
    {
        private readonly byte[] _bytes = new byte[2 * SearchIndexForm.MinEntries * SearchIndexForm.EntryLength];
        private int _at;

        public Tape(string label) => new StreamRandom(label).Fill(_bytes);

        public override void Fill(Span<byte> destination)
        {
            _bytes.AsSpan(_at, destination.Length).CopyTo(destination);
            _at += destination.Length;
        }
    }

    private sealed class Uniform(RandomSource tape) : ITermEntries
    {
        public void Write(int index, DocumentId document, Span<byte> entry) => tape.Fill(entry);
    }
}
