using System.Numerics;
using System.Text.Json;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using static Phr.Crypto.Tests.Reencryption.VectorFile;

namespace Phr.Crypto.Tests.Reencryption;

/// <summary>The inner values of two recorded delegations: where a byte comparison of whole objects fails, these say at which step.</summary>
public class IntermediateVectorTests
{
    [Fact]
    public void U_DerivedAgainByHashToCurve_IsTheConstant()
    {
        JsonElement expected = Intermediates.GetProperty("parameterU");
        byte[] uniform = HashToCurve.Expand(expected.Bytes("msg"), expected.Bytes("dst"));
        Equal(expected.Bytes("uniformBytes"), uniform);
        BigInteger u0 = HashToCurve.FieldElement(uniform, 0), u1 = HashToCurve.FieldElement(uniform, 1);
        Equal(expected.Bytes("u0"), HashToCurve.Encode(u0));
        Equal(expected.Bytes("u1"), HashToCurve.Encode(u1));
        (BigInteger X, BigInteger Y) q0 = HashToCurve.Map(u0), q1 = HashToCurve.Map(u1);
        Equal(expected.Bytes("Q0"), HashToCurve.Compress(q0));
        Equal(expected.Bytes("Q1"), HashToCurve.Compress(q1));
        Equal(expected.Bytes("u"), HashToCurve.Compress(HashToCurve.Add(q0, q1)));
        Equal(expected.Bytes("u"), Point.U.ToBytes());
    }

    [Fact]
    public void Flows_InnerValues_AreReproduced()
    {
        JsonElement[] cases = [.. Intermediates.GetProperty("flows").EnumerateArray()];
        Assert.Equal(2, cases.Length);
        Assert.All(cases, inner =>
        {
            JsonElement flow = Interop.GetProperty("flows")[inner.GetProperty("flow").GetInt32()];
            using SecretKey delegating = flow.SecretKey("delegatingSk"), receiving = flow.SecretKey("receivingSk");
            CheckEncapsulation(inner.GetProperty("encapsulate"), flow, delegating);
            CheckGeneration(inner.GetProperty("generate"), flow, delegating);
            CheckReencryption(inner.GetProperty("reencrypt0"), flow);
            CheckOpening(inner.GetProperty("open"), inner.GetProperty("encapsulate"), flow, receiving);
        });
    }

    private static void CheckEncapsulation(JsonElement expected, JsonElement flow, SecretKey delegating)
    {
        Capsule capsule = Capsule.Create(Read(expected, "r"), Read(expected, "u"));
        Equal(flow.Bytes("capsule"), capsule.ToBytes());
        Equal(expected.Bytes("E"), capsule.E.ToBytes());
        Equal(expected.Bytes("V"), capsule.V.ToBytes());
        Equal(expected.Bytes("h"), capsule.Challenge.ToBytes());
        Equal(expected.Bytes("s"), capsule.S.ToBytes());
        Equal(expected.Bytes("aad"), capsule.ToSimpleBytes());
        using SecretBytes shared = Umbral.DecapsulateShared(delegating, capsule);
        Equal(expected.Bytes("keySeed"), shared.Reveal().ToArray());
        using var key = new CapsuleKey(shared);
        Equal(expected.Bytes("hkdfKey"), key.Reveal().ToArray());
        Equal(expected.Bytes("nonce"), flow.Bytes("ciphertext")[..24]);
    }

    private static void CheckGeneration(JsonElement expected, JsonElement flow, SecretKey delegating)
    {
        Scalar x = Read(expected, "x");
        Point precursor = Point.MultiplyBase(x);
        PublicKey a = flow.PublicKey("delegatingPk"), b = flow.PublicKey("receivingPk");
        Point diffieHellman = b.Point * x;
        Scalar d = UmbralHash.SharedSecret(precursor, b.Point, diffieHellman);
        Equal(expected.Bytes("X"), precursor.ToBytes());
        Equal(expected.Bytes("D"), diffieHellman.ToBytes());
        Equal(expected.Bytes("d"), d.ToBytes());
        Equal(expected.Bytes("coefficient0"), (delegating.Scalar * d.Invert()).ToBytes());

        JsonElement[] frags = [.. expected.GetProperty("frags").EnumerateArray()], wire = [.. flow.GetProperty("kfrags").EnumerateArray()];
        Assert.NotEmpty(frags);
        for (int i = 0; i < frags.Length; i++)
        {
            using KeyFrag keyFrag = KeyFrag.FromBytes(wire[i].Bytes());
            Equal(frags[i].Bytes("id"), keyFrag.Id.ToArray());
            Equal(frags[i].Bytes("index"), UmbralHash.KeyFragIndex(precursor, b.Point, diffieHellman, keyFrag.Id).ToBytes());
            Equal(frags[i].Bytes("rk"), keyFrag.Key.ToBytes());
            Equal(frags[i].Bytes("commitment"), keyFrag.Commitment.ToBytes());
            Equal(frags[i].Bytes("messageForReceiver"), KeyFrag.SignedMessage(keyFrag.Id, keyFrag.Commitment, keyFrag.Precursor, a, b));
            Equal(frags[i].Bytes("messageForProxyUnsigned"), KeyFrag.SignedMessage(keyFrag.Id, keyFrag.Commitment, keyFrag.Precursor, null, null));
        }
    }

    private static void CheckReencryption(JsonElement expected, JsonElement flow)
    {
        Capsule capsule = Capsule.FromBytes(flow.Bytes("capsule"));
        using KeyFrag keyFrag = KeyFrag.FromBytes(flow.GetProperty("kfrags")[0].Bytes());
        using var random = new RecordedRandom([expected.Bytes("t")]);
        CapsuleFrag frag = Umbral.Reencrypt(capsule, new VerifiedKeyFrag(keyFrag), random).Frag;
        (string Name, byte[] Value)[] values =
        [
            ("E1", frag.E1.ToBytes()), ("V1", frag.V1.ToBytes()), ("E2", frag.E2.ToBytes()), ("V2", frag.V2.ToBytes()),
            ("U2", frag.U2.ToBytes()), ("h", frag.Challenge(capsule).ToBytes()), ("z", frag.Z.ToBytes()),
        ];
        Assert.All(values, v => Equal(expected.Bytes(v.Name), v.Value));
    }

    private static void CheckOpening(JsonElement expected, JsonElement encapsulation, JsonElement flow, SecretKey receiving)
    {
        CapsuleFrag[] frags = [.. expected.GetProperty("cfrags").EnumerateArray().Select(i => CapsuleFrag.FromBytes(flow.GetProperty("cfrags")[i.GetInt32()].Bytes("cfrag")))];
        CombinedFrags combined = Umbral.Combine(receiving, [.. frags.Select(f => new VerifiedCapsuleFrag(f))]);
        Equal(expected.Bytes("Eprime"), combined.E.ToBytes());
        Equal(expected.Bytes("Vprime"), combined.V.ToBytes());
        Equal(expected.Bytes("keySeed"), combined.SharedPoint.ToBytes());
        Equal(encapsulation.Bytes("keySeed"), combined.SharedPoint.ToBytes());
        Assert.True(combined.ClosingEquationHolds(flow.PublicKey("delegatingPk"), Capsule.FromBytes(flow.Bytes("capsule"))));

        // The weights that were recorded give the same points from the fragments.
        Scalar[] weights = [.. expected.GetProperty("lambdas").EnumerateArray().Select(Read)];
        Assert.Equal(frags.Length, weights.Length);
        Equal(expected.Bytes("Eprime"), frags.Zip(weights, (f, w) => f.E1 * w).Aggregate((p, q) => p + q).ToBytes());
    }

    private static Scalar Read(JsonElement element, string name) => Read(element.GetProperty(name));

    private static Scalar Read(JsonElement element)
    {
        Assert.True(Scalar.TryFromBytes(element.Bytes(), out Scalar scalar));
        return scalar;
    }
}
