using System.Security.Cryptography;
using Phr.Crypto.Recovery;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Recovery;

/// <summary>The list of 1,024 words, and the two small fields under the scheme, against slower ways to the same result.</summary>
public class WordListTests
{
    private static readonly string[] Words = File.ReadAllLines(RepositoryRoot.Combine("src", "Phr.Crypto", "Recovery", "slip39-words.txt"));

    [Fact]
    public void Words_File_IsTheStandardsList()
    {
        byte[] digest = SHA256.HashData(File.ReadAllBytes(RepositoryRoot.Combine("src", "Phr.Crypto", "Recovery", "slip39-words.txt")));
        Assert.Equal("bcc4555340332d169718aed8bf31dd9d5248cb7da6e5d355140ef4f1e601eec3", Convert.ToHexStringLower(digest));
        Assert.Equal(WordList.Count, Words.Length);
        Assert.All(Words, w => Assert.InRange(w.Length, WordList.MinLength, WordList.MaxLength));
    }

    [Fact]
    public void Find_EveryWordInAnyCaseAndByFourLettersOrMore_GivesItsIndex()
    {
        Span<char> letters = stackalloc char[WordList.MaxLength];
        for (int i = 0; i < Words.Length; i++)
        {
            Assert.Equal(i, WordList.Find(Words[i]));
            Assert.Equal(i, WordList.Find(Words[i].ToUpperInvariant()));
            Assert.Equal(Words[i], WordList.TextVarTime(i));
            Assert.Equal(Words[i], letters[..WordList.Write(i, letters)].ToString());
            for (int length = 4; length < Words[i].Length; length++)
            {
                Assert.Equal(i, WordList.Find(Words[i].AsSpan(0, length)));
            }

            Assert.Equal(-1, WordList.Find(Words[i].AsSpan(0, 3)));
            Assert.Equal(-1, WordList.Find(Words[i] + "q"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("zzzz")]
    [InlineData("acad3mic")]
    [InlineData("acadEmıc")]
    [InlineData("ac@d")]
    [InlineData("academics")]
    [InlineData("acadamic")]
    public void Find_WhatIsNoWord_GivesNothing(string text) => Assert.Equal(-1, WordList.Find(text));

    [Theory]
    [InlineData("acadamic", "academic")]
    [InlineData("reslut", "result")]
    [InlineData("yogaa", "yoga")]
    [InlineData("zer", "zero")]
    [InlineData("DUCKLNIG", "duckling")]
    public void Nearest_OneMistake_OffersTheWordFirst(string text, string word) => Assert.Equal(word, WordList.NearestVarTime(text, 5)[0]);

    [Fact]
    public void Nearest_AnyText_IsWhatTheTableOfCostsSays()
    {
        string[] words = [.. Enumerable.Range(0, WordList.Count).Select(WordList.TextVarTime)];
        var random = new Random(1);
        for (int round = 0; round < 300; round++)
        {
            // A word with some letters changed, added, taken away or swapped; also letters that no word has.
            var text = new List<char>(words[random.Next(words.Length)]);
            for (int changes = random.Next(6); changes > 0 && text.Count > 1; changes--)
            {
                int at = random.Next(text.Count - 1);
                switch (random.Next(4))
                {
                    case 0: text[at] = (char)random.Next('`', '{'); break;
                    case 1: text.Insert(at, (char)random.Next('a', '{')); break;
                    case 2: text.RemoveAt(at); break;
                    default: (text[at], text[at + 1]) = (text[at + 1], text[at]); break;
                }
            }

            string typed = string.Concat(text);
            int limit = Math.Max(2, typed.Length / 2);
            (string Word, int Cost)[] near = [.. words.Select(w => (Word: w, Cost: Cost(typed, w))).Where(w => w.Cost <= limit)];
            IEnumerable<string> expected = near.Where(w => w.Cost <= near.Min(n => n.Cost) + 1).OrderBy(w => w.Cost).ThenBy(w => w.Word, StringComparer.Ordinal).Select(w => w.Word).Take(5);
            Assert.Equal(expected, WordList.NearestVarTime(typed, 5));
        }

        static int Cost(string a, string b)
        {
            int[,] cost = new int[a.Length + 1, b.Length + 1];
            for (int i = 0; i <= a.Length; i++)
            {
                for (int j = 0; j <= b.Length; j++)
                {
                    cost[i, j] = i == 0 || j == 0 ? i + j : Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                    if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    {
                        cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                    }
                }
            }

            return cost[a.Length, b.Length];
        }
    }

    [Fact]
    public void Nearest_ManyLetters_OffersNothing() => Assert.Empty(WordList.NearestVarTime(new string('a', 17), 5));

    [Fact]
    public void Multiply_EveryPair_IsTheProductModuloThePolynomial()
    {
        for (int a = 0; a < 256; a++)
        {
            for (int b = 0; b < 256; b++)
            {
                int product = 0;
                for (int i = 0; i < 8; i++)
                {
                    product ^= ((b >> i) & 1) * (a << i);
                }

                for (int i = 15; i >= 8; i--)
                {
                    product ^= ((product >> i) & 1) * (0x11b << (i - 8));
                }

                Assert.Equal((byte)product, Gf256.Multiply((byte)a, (byte)b));
            }

            Assert.Equal(a == 0 ? 0 : 1, Gf256.Multiply((byte)a, Gf256.Invert((byte)a)));
        }
    }

    [Fact]
    public void Interpolate_PointsOfAPolynomial_GiveItsValueAnywhere()
    {
        byte[] coefficients = [0x53, 0xca, 0x01, 0xff];
        byte Value(byte x) => coefficients.Reverse().Aggregate((byte)0, (sum, c) => (byte)(Gf256.Multiply(sum, x) ^ c));
        byte[] places = [0, 7, 15, 254];
        byte[] values = [.. places.Select(Value)];
        Span<byte> result = stackalloc byte[1];
        for (int x = 0; x < 256; x++)
        {
            Gf256.Interpolate(places, values, (byte)x, result);
            Assert.Equal(Value((byte)x), result[0]);
        }
    }
}
