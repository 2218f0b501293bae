using System.Globalization;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Trustees;

/// <summary>A world with an honest delivery, and every way of falsifying a fragment of it.</summary>
internal sealed class DisputeScene : IDisposable
{
    private static readonly byte[] _order = Convert.FromHexString("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141");
    private static readonly byte[] _prime = Convert.FromHexString("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F");

    // An x coordinate between order and prime of which there is a point.
    private static readonly byte[] _highX = FindHighX();

    private DisputeScene(TrusteeWorld world, OracleDelivery honest)
    {
        World = world;
        Honest = honest;
    }

    public TrusteeWorld World { get; }

    /// <summary>Two documents, three trustees: six fragments at six of ten places.</summary>
    public OracleDelivery Honest { get; }

    public static (string Name, DeliveryCheck Check, Action<byte[], DisputeScene> Change)[] Lies { get; } =
    [
        ("E1 is another point", DeliveryCheck.EquationE, (f, _) => Shift(f, 0)),
        ("V1 is another point", DeliveryCheck.EquationE, (f, _) => Shift(f, 33)),
        ("E1 and V1 are swapped", DeliveryCheck.EquationE, (f, _) => Swap(f, 0, 33)),
        ("E2 is another point", DeliveryCheck.EquationE, (f, _) => Shift(f, 131)),
        ("V2 is another point", DeliveryCheck.EquationE, (f, _) => Shift(f, 164)),
        ("U2 is another point", DeliveryCheck.EquationE, (f, _) => Shift(f, 230)),
        ("z is one more", DeliveryCheck.EquationE, (f, _) => Add(f, 263)),
        ("z is zero", DeliveryCheck.EquationE, (f, _) => f.AsSpan(263, 32).Clear()),
        ("only V1 is wrong, and proved with it", DeliveryCheck.EquationV, (f, s) => Prove(f, s, 1)),
        ("only U1's proof is wrong", DeliveryCheck.EquationU, (f, s) => Prove(f, s, 2)),
        ("the id is another", DeliveryCheck.Signature, (f, _) => f[70] ^= 1),
        ("X is another point", DeliveryCheck.Signature, (f, _) => Shift(f, 98)),
        ("U1 is another point", DeliveryCheck.Signature, (f, _) => Shift(f, 197)),
        ("r is another", DeliveryCheck.Signature, (f, _) => f[310] ^= 1),
        ("s is another", DeliveryCheck.Signature, (f, _) => f[350] ^= 1),
        ("s is high", DeliveryCheck.Signature, (f, _) => Negate(f)),
        ("r is zero", DeliveryCheck.Signature, (f, _) => f.AsSpan(295, 32).Clear()),
        ("s is the order", DeliveryCheck.Signature, (f, _) => _order.CopyTo(f, 327)),
        ("the fragment of the other document", DeliveryCheck.Signature, (f, s) => s.Honest.Fragments[3].Bytes.Span.CopyTo(f)),
        ("the fragment of another trustee", DeliveryCheck.Signature, (f, s) => s.Honest.Fragments[1].Bytes.Span.CopyTo(f)),
        ("E1 has a prefix of its own", DeliveryCheck.Point, (f, _) => f[0] = 4),
        ("V1 is no point", DeliveryCheck.Point, (f, _) => Miss(f, 33)),
        ("X is no point", DeliveryCheck.Point, (f, _) => Miss(f, 98)),
        ("E2 is no point", DeliveryCheck.Point, (f, _) => Miss(f, 131)),
        ("V2 lies beyond the field", DeliveryCheck.Point, (f, _) => _prime.CopyTo(f, 165)),
        ("U1 has prefix zero", DeliveryCheck.Point, (f, _) => f[197] = 0),
        ("U2 is no point", DeliveryCheck.Point, (f, _) => Miss(f, 230)),
        ("z is the order", DeliveryCheck.Scalar, (f, _) => _order.CopyTo(f, 263)),
        ("x of E1 is above the order", DeliveryCheck.Scalar, (f, _) => _highX.CopyTo(f, 1)),
        ("x of V1 is above the order", DeliveryCheck.Scalar, (f, _) => _highX.CopyTo(f, 34)),
        ("x of U1 is above the order", DeliveryCheck.Scalar, (f, _) => _highX.CopyTo(f, 198)),
        ("it is all zeros", DeliveryCheck.Point, (f, _) => f.AsSpan().Clear()),
    ];

    public static async Task<DisputeScene> CreateAsync()
    {
        TrusteeWorld world = await TrusteeWorld.CreateAsync(2, [(2, 3), (1, 1)], documents: 2);
        return new DisputeScene(world, world.Deliver(1, world.Approve(1, 1), world.Approve(1, 3), world.Approve(2, 1)));
    }

    public void Dispose() => World.Dispose();

    /// <summary>The same delivery with one fragment changed, or moved to another place, signed again by its oracle.</summary>
    public OracleDelivery Falsify(int index, Action<byte[], DisputeScene>? change, int? place = null)
    {
        byte[] fragment = Honest.Fragments[index].Bytes.ToArray();
        change?.Invoke(fragment, this);
        DeliveredFragment[] fragments = [.. Honest.Fragments];
        fragments[index] = new DeliveredFragment(place ?? fragments[index].Place, fragment);
        return OracleDelivery.Create(World.Terms, 1, Honest.Statement.EvidenceRoot, [.. fragments.OrderBy(f => f.Place)], World.Oracles[0].Identity);
    }

    /// <summary>What the doctor's own verification says of a fragment.</summary>
    public bool IsGood(OracleDelivery delivery, int index)
    {
        if (World.Dealing.AtPlace(delivery.Fragments[index].Place) is not { } at || delivery.Fragments[index].CapsuleFrag is not { } frag)
        {
            return false;
        }

        return frag.TryVerify(
            World.Dealing.FindDocument(at.Document)!.Capsule,
            World.Dealing.SignerKeyOf(at.Group, at.Member),
            World.Dealing.FindMemberKey(at.Document, at.Group, at.Member)!,
            World.Terms.ReceivingKey,
            out _);
    }

    private static void Shift(byte[] fragment, int offset) => (Point.FromBytes(fragment.AsSpan(offset, 33)) + Point.Generator).WriteBytes(fragment.AsSpan(offset));

    private static void Swap(byte[] fragment, int left, int right)
    {
        byte[] kept = fragment[left..(left + 33)];
        fragment.AsSpan(right, 33).CopyTo(fragment.AsSpan(left));
        kept.CopyTo(fragment, right);
    }

    private static void Add(byte[] fragment, int offset)
    {
        Scalar.TryFromBytes(fragment.AsSpan(offset, 32), out Scalar value);
        (value + Scalar.One).WriteBytes(fragment.AsSpan(offset));
    }

    private static void Negate(byte[] fragment)
    {
        Scalar.TryFromBytes(fragment.AsSpan(327, 32), out Scalar s);
        (-s).WriteBytes(fragment.AsSpan(327));
    }

    private static void Miss(byte[] fragment, int offset)
    {
        do
        {
            unchecked
            {
                fragment[offset + 32]++;
            }
        }
        while (Point.TryFromBytes(fragment.AsSpan(offset, 33), out _));
    }

    // A proof in which one equation alone fails: the liar does not know the fragment's secret, so it makes the other two up from z and h by the nonce points. That takes a nonce
    // point that depends on its own hash, so instead one nonce point is moved and the two others are the honest prover's with a secret that the scene draws itself.
    private static void Prove(byte[] fragment, DisputeScene scene, int wrong)
    {
        Capsule capsule = scene.World.Header.Documents[0].Capsule;
        Scalar rk = Scalar.Random(RandomSource.System), tau = Scalar.Random(RandomSource.System), z;
        Point e1 = capsule.E * rk, v1 = capsule.V * (wrong == 1 ? rk + Scalar.One : rk), u1 = Point.FromBytes(fragment.AsSpan(197, 33));
        if (wrong == 1)
        {
            u1 = Point.U * rk;
        }

        Point e2 = capsule.E * tau, v2 = capsule.V * tau, u2 = Point.U * tau;
        Scalar h = UmbralHash.CapsuleFragProof(capsule, e1, e2, v1, v2, u1, u2);
        z = tau + (h * rk);
        e1.WriteBytes(fragment);
        v1.WriteBytes(fragment.AsSpan(33));
        e2.WriteBytes(fragment.AsSpan(131));
        v2.WriteBytes(fragment.AsSpan(164));
        u1.WriteBytes(fragment.AsSpan(197));
        u2.WriteBytes(fragment.AsSpan(230));
        z.WriteBytes(fragment.AsSpan(263));
    }

    private static byte[] FindHighX()
    {
        for (byte[] x = [.. _order]; ; x[31]++)
        {
            if (Point.TryFromBytes([2, .. x], out _))
            {
                return x;
            }
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Honest.Fragments.Count} fragments");
}
