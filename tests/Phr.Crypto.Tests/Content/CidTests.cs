using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Content;

public class CidTests
{
    private const string Hello = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";
    private static readonly Cid _hello = Cid.ForRawBlock(Digest.Of("hello world"u8));

    [Fact]
    public void Parse_PublishedIds_RoundTrip()
    {
        foreach (JsonElement row in IpfsVectors.Rows("vectors").Concat(IpfsVectors.Rows("text")))
        {
            foreach (string text in row.EnumerateObject().Where(p => p.Name.StartsWith("cid", StringComparison.Ordinal)).Select(p => p.Value.GetString()!))
            {
                Cid cid = Cid.Parse(text);
                Assert.Equal(text[0] == 'Q' ? 0 : 1, cid.Version);
                Assert.Equal(text.StartsWith("bafkrei", StringComparison.Ordinal) ? ContentCodec.Raw : ContentCodec.DagPb, cid.Codec);
                Assert.True(cid.IsSupported);
                Assert.Equal(text, cid.ToString());
                Assert.Equal(cid, Cid.FromBytes(cid.ToBytes()));
                Assert.Equal(cid.ByteLength, cid.ToBytes().Length);
                if (cid.Version == 1)
                {
                    Assert.Equal(cid, Cid.Parse("z" + SimpleBase.Base58.Bitcoin.Encode(cid.ToBytes())));
                }
            }
        }
    }

    [Fact]
    public void ForRawBlock_KnownBlock_IsItsFileId()
    {
        Assert.Equal(Hello, _hello.ToString());
        Assert.Equal("01551220b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9", Convert.ToHexStringLower(_hello.ToBytes()));
        Assert.True(_hello.Matches("hello world"u8));
        Assert.False(_hello.Matches("hello worle"u8));
    }

    [Theory]
    [InlineData("", PhrDataReason.Truncated)]
    [InlineData("01", PhrDataReason.Truncated)]
    [InlineData("0155122000", PhrDataReason.WrongLength)]
    [InlineData("1220", PhrDataReason.WrongLength)]
    [InlineData("02551220", PhrDataReason.UnknownVersion)]
    [InlineData("0155132000", PhrDataReason.UnknownVersion)]
    [InlineData("0155122100", PhrDataReason.WrongLength)]
    [InlineData("01d500122000", PhrDataReason.NonCanonical)]
    [InlineData("01ffffffffffffffffff011220", PhrDataReason.NonCanonical)]
    public void FromBytes_NotAnId_SaysWhy(string start, PhrDataReason reason)
    {
        byte[] bytes = Convert.FromHexString(start);
        Assert.Equal(reason, Assert.Throws<PhrDataException>(() => Cid.FromBytes(bytes)).Reason);
        Assert.False(Cid.TryFromBytes(bytes, out Cid cid));
        Assert.Equal(default, cid);
    }

    [Fact]
    public void FromBytes_OtherCodec_IsReadAndFlagged()
    {
        foreach (ulong codec in new ulong[] { 0, 0x71, 0x0200, (1UL << 63) - 1 })
        {
            byte[] bytes = [1, .. Varint(codec), 0x12, 0x20, .. _hello.Digest.ToBytes()];
            Cid cid = Cid.FromBytes(bytes);
            Assert.Equal((ContentCodec)codec, cid.Codec);
            Assert.False(cid.IsSupported);
            Assert.Equal(bytes, cid.ToBytes());
            Assert.Equal(cid, Cid.Parse(cid.ToString()));
        }

        Assert.False(Cid.TryFromBytes([.. _hello.ToBytes(), 0], out _));
    }

    [Fact]
    public void TryParse_FormsThatNobodyWrites_ReturnsFalse()
    {
        string v0 = Cid.ForVersion0(_hello.Digest).ToString();
        string[] wrong =
        [
            "", "b", "z", "Q", " " + Hello, Hello + " ", Hello + "=", Hello.ToUpperInvariant(), "b" + Hello[1..].ToUpperInvariant(), Hello[..^1], Hello + "a",
            Hello[..^1] + "f", "f" + Convert.ToHexStringLower(_hello.ToBytes()), "z" + v0, "m" + Convert.ToBase64String(_hello.ToBytes()), v0[..^1], v0 + "1", "1" + v0,
            v0[..^1] + "0", "Q" + new string('m', 200), "b" + SimpleBase.Base32.FileCoin.Encode(Cid.ForVersion0(_hello.Digest).ToBytes(), padding: false), "bé" + Hello[2..],
        ];
        foreach (string text in wrong)
        {
            Assert.False(Cid.TryParse(text, out Cid cid), text);
            Assert.Equal(default, cid);
            Assert.Throws<FormatException>(() => Cid.Parse(text));
        }

        Assert.False(Cid.TryParse(null, out _));
    }

    [Fact]
    public void ToBytes_AnyId_RoundTripsAndOrders()
    {
        Prop.ForAll<byte[], byte[], bool>((a, b, raw) =>
        {
            Cid left = raw ? Cid.ForRawBlock(Digest.Of(a)) : Cid.ForVersion0(Digest.Of(a));
            Cid right = raw ? Cid.ForDagPbNode(Digest.Of(b)) : Cid.ForVersion0(Digest.Of(b));
            return Cid.FromBytes(left.ToBytes()) == left && Cid.Parse(left.ToString()) == left
                && left.CompareTo(right) == -right.CompareTo(left) && (left.CompareTo(right) == 0) == (left == right)
                && (left != right || left.GetHashCode() == right.GetHashCode());
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Default_Always_NamesNothingAndRoundTrips()
    {
        Cid cid = default;
        Assert.True(cid.IsZero);
        Assert.Equal(0, cid.Version);
        Assert.Equal(cid, Cid.FromBytes(cid.ToBytes()));
        Assert.Equal(cid, Cid.Parse(cid.ToString()));
        Assert.Equal(cid, Cid.ForVersion0(default));
    }

    [Fact]
    public void CopyTo_ShortBuffer_Throws() => Assert.Throws<ArgumentException>(() => _hello.CopyTo(new byte[35]));

    [Fact]
    public void FromBytes_DamagedIds_ThrowOnlyDataExceptions()
    {
        byte[][] samples = [_hello.ToBytes(), Cid.ForVersion0(_hello.Digest).ToBytes(), Cid.ForDagPbNode(_hello.Digest).ToBytes()];
        Mutations.Run("content id", samples, bytes =>
        {
            Cid cid = Cid.FromBytes(bytes);
            Assert.True(Cid.TryFromBytes(bytes, out Cid again) && again == cid);
            Assert.Equal(bytes, cid.ToBytes());
            return true;
        }, e => e is PhrDataException);
    }

    [Fact]
    public void TryParse_DamagedTexts_ThrowsNothing()
    {
        byte[][] samples = [.. new[] { Hello, Cid.ForVersion0(_hello.Digest).ToString(), "z" + SimpleBase.Base58.Bitcoin.Encode(_hello.ToBytes()) }.Select(System.Text.Encoding.Latin1.GetBytes)];
        Mutations.Run("content id text", samples, bytes =>
        {
            string text = System.Text.Encoding.Latin1.GetString(bytes);
            return Cid.TryParse(text, out Cid cid) && (text[0] == 'z' || cid.ToString() == text);
        }, static _ => false);
    }

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)((value & 0x7f) | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
