using System.Text.Json.Nodes;
using Phr.Crypto.Secp256k1;
using Phr.Shared;
using static Phr.Crypto.Tests.Sharing.GroupSharingTests;

namespace Phr.Crypto.Tests.Sharing;

/// <summary>Makes the files of <c>tests/vectors/sharing/</c>. Everything is drawn from labelled streams, so each run makes the same bytes.</summary>
internal static class SharingVectors
{
    private const string Order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    private static readonly byte[] NotAPoint = [2, .. Convert.FromHexString("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F")];

    public static IReadOnlyDictionary<string, Func<JsonObject>> Files { get; } = new Dictionary<string, Func<JsonObject>>
    {
        ["shares.json"] = Shares,
        ["group-shares.json"] = GroupShares,
        ["commitments.json"] = Commitments,
        ["group-commitments.json"] = GroupVectors,
        ["recombine.json"] = Recombine,
        ["group-recombine.json"] = GroupRecombine,
        ["dleq.json"] = Dleq,
    };

    private static JsonObject Shares()
    {
        byte[] good = One("shares", 2, 3).Shares[1].ToBytes();
        return File(
            "Written shares: index (1 byte), value (32 bytes).",
            Bytes("share 2 of 3", "ok", good, ("index", 2)),
            Bytes("the highest index and the highest value", "ok", [255, .. (-Scalar.One).ToBytes()], ("index", 255)),
            Bytes("empty", "WrongLength", []),
            Bytes("without its last byte", "WrongLength", good[..^1]),
            Bytes("with a byte more", "WrongLength", [.. good, 0]),
            Bytes("index 0, where the secret itself would be", "OutOfRange", [0, .. good[1..]]),
            Bytes("value 0", "InvalidScalar", [2, .. new byte[32]]),
            Bytes("value n", "InvalidScalar", [2, .. Convert.FromHexString(Order)]),
            Bytes("value 2^256 - 1", "InvalidScalar", [2, .. Enumerable.Repeat((byte)0xFF, 32)]));
    }

    private static JsonObject GroupShares()
    {
        byte[] good = Two("group shares", 3).Result.Shares[2].ToBytes();
        return File(
            "Written group shares: epoch (4 bytes), group, member (1 byte each), sharing id (32), value (32).",
            Bytes("member 3 of group 1, epoch 3", "ok", good, ("epoch", 3), ("group", 1), ("member", 3)),
            Bytes("without its first byte", "WrongLength", good[1..]),
            Bytes("with a byte more", "WrongLength", [.. good, 0]),
            Bytes("a plain share", "WrongLength", [1, .. good[38..]]),
            Bytes("group 0", "OutOfRange", [.. good[..4], 0, .. good[5..]]),
            Bytes("member 0", "OutOfRange", [.. good[..5], 0, .. good[6..]]),
            Bytes("value 0", "InvalidScalar", [.. good[..38], .. new byte[32]]),
            Bytes("value n", "InvalidScalar", [.. good[..38], .. Convert.FromHexString(Order)]));
    }

    private static JsonObject Commitments()
    {
        (_, Share[] shares, FeldmanCommitments commitments) = One("commitments", 2, 3);
        byte[] good = commitments.ToBytes();
        byte[] uncompressed = new byte[65];
        uncompressed[0] = 4;
        commitments.SharedKey.Point.WriteCoordinates(uncompressed.AsSpan(1));
        JsonObject first = Bytes("threshold 2", "ok", good, ("threshold", 2));
        first["shareKeys"] = new JsonArray([.. shares.Select(s => Hex(s.ToSecretKey().PublicKey.ToBytes()))]);
        JsonObject zero = Bytes("share 3 is zero: the vector is read, the key of share 3 is refused", "ok", Vector(Point.MultiplyBase(Scalar.FromUInt32(3)), -Point.Generator), ("threshold", 2));
        zero["shareKeys"] = new JsonArray(Hex(Point.MultiplyBase(Scalar.FromUInt32(2)).ToBytes()), Hex(Point.Generator.ToBytes()), "InvalidPoint");
        return File(
            "Written commitments of one group: a canonical CBOR array of points.",
            first,
            zero,
            Bytes("no bytes", "Malformed", []),
            Bytes("no points", "OutOfRange", [0x80]),
            Bytes("cut inside the second point", "Malformed", good[..^1]),
            Bytes("a byte after the end", "NonCanonical", [.. good, 0]),
            Bytes("an array of indefinite length", "Malformed", [0x9F, .. good[1..], 0xFF]),
            Bytes("the number of points in two bytes", "Malformed", [0x98, 2, .. good[1..]]),
            Bytes("the length of a point in three bytes", "Malformed", [.. good[..1], 0x59, 0, 33, .. good[3..]]),
            Bytes("256 points claimed", "Malformed", [0x99, 1, 0, .. good[1..]]),
            Bytes("2^32 points claimed", "Malformed", [0x9B, 0, 0, 0, 1, 0, 0, 0, 0, .. good[1..]]),
            Bytes("256 points", "TooLarge", Vector([.. Enumerable.Repeat(Point.Generator, 256)])),
            Bytes("an empty point, as the identity", "WrongLength", [0x82, .. good[1..36], 0x40]),
            Bytes("the one-byte identity", "WrongLength", [0x82, .. good[1..36], 0x41, 0]),
            Bytes("33 zero bytes", "InvalidPoint", [0x82, .. good[1..36], 0x58, 33, .. new byte[33]]),
            Bytes("an uncompressed point", "WrongLength", [0x81, 0x58, 65, .. uncompressed]),
            Bytes("x is the field's order", "InvalidPoint", [0x81, 0x58, 33, .. NotAPoint]),
            Bytes("x is on no point", "InvalidPoint", [0x81, 0x58, 33, 2, .. new byte[31], 5]),
            Bytes("the compact form 05", "InvalidPoint", [0x81, 0x58, 33, 5, .. good[4..36]]),
            Bytes("a text instead of a byte string", "Malformed", [0x81, 0x78, 33, .. good[3..36]]),
            Bytes("a map instead of an array", "Malformed", [0xA1, .. good[1..]]));
    }

    private static JsonObject GroupVectors()
    {
        (_, GroupSharingResult result) = Two("group commitments", 3);
        GroupCommitments commitments = result.Commitments;
        byte[] good = commitments.ToBytes();

        // The same by hand, so that each case can change one thing.
        FeldmanCommitments f = First(good);
        Point f0 = f.At(0), f1 = f.At(1) - f.At(0);
        (ulong Members, Point[] Points)[] groups = [(3, [f.At(1), commitments.MemberKey(1, 1).Point - f.At(1)]), (1, [f.At(2)]), (1, [f.At(3)])];
        Assert.Equal(good, Sharing("phr/sharing/v1", 3, [f0, f1], groups));
        JsonObject first = Bytes("two of {2 of 3, 1 of 1, 1 of 1}, epoch 3", "ok", good, ("epoch", 3));
        first["shape"] = commitments.Shape.ToString();
        first["digest"] = commitments.Digest.ToString();
        first["sharedKey"] = commitments.SharedKey.ToString();
        first["memberKeys"] = new JsonArray([.. result.Shares.Select(s => Hex(s.ToSecretKey().PublicKey.ToBytes()))]);
        Point other = Point.U;
        return File(
            "Written commitments of two levels: canonical CBOR [\"phr/sharing/v1\", epoch, [F_0, ...], [[members, [C_0, ...]], ...]].",
            first,
            Bytes("no bytes", "Malformed", []),
            Bytes("cut at the end", "Malformed", good[..^1]),
            Bytes("a byte after the end", "NonCanonical", [.. good, 0]),
            Bytes("another tag", "UnknownVersion", Sharing("phr/sharing/v2", 3, [f0, f1], groups)),
            Bytes("epoch 2^32", "OutOfRange", Sharing("phr/sharing/v1", 1UL << 32, [f0, f1], groups)),
            Bytes("an item too many", "Malformed", [0x85, .. good[1..], 0]),
            Bytes("the epoch in two bytes", "Malformed", [.. good[..16], 0x18, 3, .. good[17..]]),
            Bytes("an array of indefinite length", "Malformed", [0x9F, .. good[1..], 0xFF]),
            Bytes("a group vector without points", "OutOfRange", Sharing("phr/sharing/v1", 3, [], groups)),
            Bytes("no groups", "OutOfRange", Sharing("phr/sharing/v1", 3, [f0, f1], [])),
            Bytes("fewer groups than are needed", "OutOfRange", Sharing("phr/sharing/v1", 3, [f0, f1], groups[..1])),
            Bytes("256 groups", "TooLarge", Sharing("phr/sharing/v1", 3, [f0], [.. Enumerable.Repeat((1UL, new[] { f0 }), 256)])),
            Bytes("a group without points", "OutOfRange", Sharing("phr/sharing/v1", 3, [f0, f1], [groups[0], (1, []), groups[2]])),
            Bytes("a group without members", "OutOfRange", Sharing("phr/sharing/v1", 3, [f0, f1], [groups[0], groups[1], (0, groups[2].Points)])),
            Bytes("a group with fewer members than are needed", "OutOfRange", Sharing("phr/sharing/v1", 3, [f0, f1], [(1, groups[0].Points), groups[1], groups[2]])),
            Bytes("256 members", "OutOfRange", Sharing("phr/sharing/v1", 3, [f0, f1], [(256, groups[0].Points), groups[1], groups[2]])),
            Bytes("two groups swapped", "CommitmentMismatch", Sharing("phr/sharing/v1", 3, [f0, f1], [groups[0], groups[2], groups[1]])),
            Bytes("a group's first point is another", "CommitmentMismatch", Sharing("phr/sharing/v1", 3, [f0, f1], [groups[0], (1, [other]), groups[2]])),
            Bytes("the first point of a group of threshold 2 is another", "CommitmentMismatch", Sharing("phr/sharing/v1", 3, [f0, f1], [(3, [other, groups[0].Points[1]]), groups[1], groups[2]])),
            Bytes("another shared key", "CommitmentMismatch", Sharing("phr/sharing/v1", 3, [other, f1], groups)),
            Bytes("a lower group threshold, the vector cut", "CommitmentMismatch", Sharing("phr/sharing/v1", 3, [f0], groups)),
            Bytes("a higher group threshold, a point added", "CommitmentMismatch", Sharing("phr/sharing/v1", 3, [f0, f1, other], groups)),
            Bytes("a point of a group is 33 zero bytes", "InvalidPoint", [.. good[..^33], .. new byte[33]]),
            Bytes("a point of a group is empty", "WrongLength", [.. good[..^35], 0x40]));
    }

    private static JsonObject Recombine()
    {
        (SecretKey secret, Share[] shares, FeldmanCommitments commitments) = One("recombine", 3, 5);
        (_, Share[] others, FeldmanCommitments otherCommitments) = One("recombine, another", 3, 5);
        JsonObject Case(string name, string expect, FeldmanCommitments c, params Share[] s) => new()
        {
            ["name"] = name,
            ["expect"] = expect,
            ["commitments"] = Hex(c.ToBytes()),
            ["shares"] = new JsonArray([.. s.Select(x => Hex(x.ToBytes()))]),
            ["secret"] = expect == "ok" ? Hex(secret.Scalar.ToBytes()) : null,
        };
        return File(
            "Shares of one key, 3 of 5, given back.",
            Case("the first three", "ok", commitments, shares[0], shares[1], shares[2]),
            Case("the last three, in another order", "ok", commitments, shares[4], shares[2], shares[3]),
            Case("all five", "ok", commitments, shares),
            Case("none", "BelowThreshold", commitments),
            Case("two", "BelowThreshold", commitments, shares[0], shares[4]),
            Case("one of three twice", "Duplicate", commitments, shares[0], shares[1], shares[0]),
            Case("an index twice with different values", "Duplicate", commitments, shares[0], shares[1], shares[2], new Share(1, shares[1].Scalar)),
            Case("a value plus one", "CommitmentMismatch", commitments, shares[0], shares[1], new Share(3, shares[2].Scalar + Scalar.One)),
            Case("a bad share beside enough good ones", "CommitmentMismatch", commitments, shares[0], shares[1], shares[2], new Share(4, Scalar.One)),
            Case("a value under another index", "CommitmentMismatch", commitments, shares[0], shares[1], new Share(6, shares[2].Scalar)),
            Case("two values swapped", "CommitmentMismatch", commitments, new Share(1, shares[1].Scalar), new Share(2, shares[0].Scalar), shares[2]),
            Case("a negated share", "CommitmentMismatch", commitments, shares[0], shares[1], new Share(3, -shares[2].Scalar)),
            Case("a share of another sharing", "CommitmentMismatch", commitments, shares[0], shares[1], others[2]),
            Case("the commitments of another sharing", "CommitmentMismatch", otherCommitments, shares[0], shares[1], shares[2]));
    }

    private static JsonObject GroupRecombine()
    {
        (SecretKey secret, GroupSharingResult result) = Two("group recombine", 4);
        using GroupSharingResult next = GroupSharing.Split(secret, result.Commitments.Shape, 5, new StreamRandom("group recombine, next epoch"));
        using GroupSharingResult again = GroupSharing.Split(secret, result.Commitments.Shape, 4, new StreamRandom("group recombine, again"));
        IReadOnlyList<GroupShare> s = result.Shares;
        GroupShare With(GroupShare share, int group, int member, Scalar value) => new(share.Epoch, group, member, share.SharingId, value);
        JsonObject Case(string name, string expect, params GroupShare[] shares) => new()
        {
            ["name"] = name,
            ["expect"] = expect,
            ["commitments"] = Hex(result.Commitments.ToBytes()),
            ["shares"] = new JsonArray([.. shares.Select(x => Hex(x.ToBytes()))]),
            ["secret"] = expect == "ok" ? Hex(secret.Scalar.ToBytes()) : null,
        };
        return File(
            "Shares of one key, two of {2 of 3, 1 of 1, 1 of 1}, epoch 4, given back.",
            Case("two guardians and the second group", "ok", s[0], s[2], s[3]),
            Case("the second and the third group", "ok", s[4], s[3]),
            Case("everybody", "ok", [.. s]),
            Case("nobody", "BelowThreshold"),
            Case("the whole first group alone", "BelowThreshold", s[0], s[1], s[2]),
            Case("one guardian and the second group", "BelowThreshold", s[1], s[3]),
            Case("a member twice", "Duplicate", s[0], s[0], s[3]),
            Case("a member twice with different values", "Duplicate", s[0], s[1], s[3], With(s[1], 1, 1, Scalar.One)),
            Case("a value plus one", "CommitmentMismatch", s[0], With(s[1], 1, 2, s[1].Scalar + Scalar.One), s[3]),
            Case("two members of a group swapped", "CommitmentMismatch", With(s[1], 1, 1, s[1].Scalar), With(s[0], 1, 2, s[0].Scalar), s[3]),
            Case("the shares of two groups swapped", "CommitmentMismatch", With(s[4], 2, 1, s[4].Scalar), With(s[3], 3, 1, s[3].Scalar)),
            Case("a bad share beside enough good ones", "CommitmentMismatch", s[3], s[4], With(s[0], 1, 1, Scalar.One)),
            Case("a fourth guardian", "OutOfRange", s[0], With(s[1], 1, 4, s[1].Scalar), s[3]),
            Case("a fourth group", "OutOfRange", s[3], With(s[4], 4, 1, s[4].Scalar)),
            Case("a share of the next epoch", "Mismatched", s[0], s[1], next.Shares[3]),
            Case("all of the next epoch", "Mismatched", [.. next.Shares]),
            Case("a share of the next epoch with this epoch's number", "Mismatched", s[0], s[1], new GroupShare(4, 2, 1, next.Commitments.Digest, next.Shares[3].Scalar)),
            Case("a share of the next epoch with this epoch's number and sharing id", "CommitmentMismatch", s[0], s[1], With(s[3], 2, 1, next.Shares[3].Scalar)),
            Case("a share of another sharing of the same epoch", "Mismatched", s[0], s[1], again.Shares[3]));
    }

    private static JsonObject Dleq()
    {
        var random = new StreamRandom("dleq");
        Scalar x = Scalar.Random(random), y = Scalar.Random(random);
        Point g = Point.Generator, u = Point.U;
        byte[] context = [.. "context"u8];
        byte[] good = DleqProof.Create(x, g, u, context, random).ToBytes();
        byte[] ofY = DleqProof.Create(y, g, u, context, random).ToBytes();
        JsonObject Case(string name, string expect, byte[] proof, byte[] about, Point base1, Point base2, Point point1, Point point2) => new()
        {
            ["name"] = name,
            ["expect"] = expect,
            ["proof"] = Hex(proof),
            ["context"] = Hex(about),
            ["base1"] = Hex(base1.ToBytes()),
            ["base2"] = Hex(base2.ToBytes()),
            ["point1"] = Hex(point1.ToBytes()),
            ["point2"] = Hex(point2.ToBytes()),
        };
        byte[] Flip(int at) => [.. good[..at], (byte)(good[at] ^ 1), .. good[(at + 1)..]];
        return File(
            "Proofs that point1 = x * base1 and point2 = x * base2 for one x: challenge (32 bytes), answer (32).",
            Case("an honest proof over G and u", "ok", good, context, g, u, g * x, u * x),
            Case("an honest proof without context", "ok", DleqProof.Create(x, g, u, [], random).ToBytes(), [], g, u, g * x, u * x),
            Case("an honest proof over other bases", "ok", DleqProof.Create(x, g * y, u, context, random).ToBytes(), context, g * y, u, g * y * x, u * x),
            Case("another context", "InvalidProof", good, [.. "contexT"u8], g, u, g * x, u * x),
            Case("a longer context", "InvalidProof", good, [.. context, 0], g, u, g * x, u * x),
            Case("bases swapped", "InvalidProof", good, context, u, g, g * x, u * x),
            Case("bases and points swapped", "InvalidProof", good, context, u, g, u * x, g * x),
            Case("points swapped", "InvalidProof", good, context, g, u, u * x, g * x),
            Case("points negated", "InvalidProof", good, context, g, u, -(g * x), -(u * x)),
            Case("the second point of another secret", "InvalidProof", good, context, g, u, g * x, u * y),
            Case("the second point of another secret, proven by its owner", "InvalidProof", ofY, context, g, u, g * x, u * y),
            Case("the proof of another secret", "InvalidProof", ofY, context, g, u, g * x, u * x),
            Case("a bit of the challenge flipped", "InvalidProof", Flip(31), context, g, u, g * x, u * x),
            Case("a bit of the answer flipped", "InvalidProof", Flip(63), context, g, u, g * x, u * x),
            Case("challenge and answer swapped", "InvalidProof", [.. good[32..], .. good[..32]], context, g, u, g * x, u * x),
            Case("nonce points that are the identity", "InvalidProof", [.. Scalar.One.ToBytes(), .. x.ToBytes()], context, g, u, g * x, u * x),
            Case("challenge 0", "InvalidScalar", [.. new byte[32], .. good[32..]], context, g, u, g * x, u * x),
            Case("answer 0", "InvalidScalar", [.. good[..32], .. new byte[32]], context, g, u, g * x, u * x),
            Case("answer n", "InvalidScalar", [.. good[..32], .. Convert.FromHexString(Order)], context, g, u, g * x, u * x),
            Case("a byte short", "WrongLength", good[..^1], context, g, u, g * x, u * x),
            Case("a byte more", "WrongLength", [.. good, 0], context, g, u, g * x, u * x));
    }

    private static (SecretKey Secret, Share[] Shares, FeldmanCommitments Commitments) One(string label, int threshold, int shares)
    {
        var random = new StreamRandom(label);
        SecretKey secret = SecretKey.Generate(random);
        (Share[] result, FeldmanCommitments commitments) = SecretSharing.Split(secret, threshold, shares, random);
        return (secret, result, commitments);
    }

    private static (SecretKey Secret, GroupSharingResult Result) Two(string label, uint epoch)
    {
        var random = new StreamRandom(label);
        SecretKey secret = SecretKey.Generate(random);
        return (secret, GroupSharing.Split(secret, Shape(2, "2/3 1/1 1/1"), epoch, random));
    }

    private static byte[] Vector(params Point[] points) => Write(new CanonicalCborWriter(), points).ToBytes();

    private static byte[] Sharing(string tag, ulong epoch, Point[] groupVector, (ulong Members, Point[] Points)[] groups)
    {
        CanonicalCborWriter writer = Write(new CanonicalCborWriter().Array(4).Text(tag).UInt64(epoch), groupVector).Array(groups.Length);
        foreach ((ulong members, Point[] points) in groups)
        {
            Write(writer.Array(2).UInt64(members), points).EndArray();
        }

        return writer.EndArray().EndArray().ToBytes();
    }

    private static CanonicalCborWriter Write(CanonicalCborWriter writer, Point[] points)
    {
        writer.Array(points.Length);
        foreach (Point point in points)
        {
            writer.Bytes(point.ToBytes());
        }

        return writer.EndArray();
    }

    private static FeldmanCommitments First(byte[] sharing)
    {
        var reader = new CanonicalCborReader("vector", sharing, sharing.Length);
        reader.BeginArray(4);
        reader.Text(100);
        reader.UInt64();
        return FeldmanCommitments.Read(reader);
    }

    private static JsonObject File(string about, params JsonNode?[] cases) => new() { ["about"] = about, ["cases"] = new JsonArray(cases) };

    private static JsonObject Bytes(string name, string expect, byte[] bytes, params (string Name, int Value)[] values)
    {
        var result = new JsonObject { ["name"] = name, ["expect"] = expect, ["bytes"] = Hex(bytes) };
        foreach ((string key, int value) in values)
        {
            result[key] = value;
        }

        return result;
    }

    private static JsonNode Hex(byte[] bytes) => JsonValue.Create(Convert.ToHexStringLower(bytes));
}
