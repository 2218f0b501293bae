using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Tests.Secp256k1;

namespace Phr.Crypto.Tests.Reencryption;

public sealed class BatchVerificationTests : IDisposable
{
    private readonly SecretKey _delegating = SecretKey.Generate(), _receiving = SecretKey.Generate();
    private readonly Signer _signer = new(SecretKey.Generate());
    private readonly CapsuleFragClaim[] _claims;

    public BatchVerificationTests()
    {
        // Two capsules, three key fragments.
        Capsule[] capsules = [Umbral.Encrypt(A, [1]).Capsule, Umbral.Encrypt(A, [2]).Capsule];
        VerifiedKeyFrag[] keyFrags = Umbral.GenerateKeyFrags(_delegating, B, _signer, new KeyFragOptions { Threshold = 2, Shares = 3 });
        _claims = [.. capsules.SelectMany(c => keyFrags.Select(k => Claim(CapsuleFrag.FromBytes(Umbral.Reencrypt(c, k).ToBytes()), c)))];
        Array.ForEach(keyFrags, k => k.Dispose());
    }

    private PublicKey A => _delegating.PublicKey;

    private PublicKey B => _receiving.PublicKey;

    public void Dispose()
    {
        _delegating.Dispose();
        _receiving.Dispose();
        _signer.Dispose();
    }

    [Fact]
    public void VerifyMany_GoodFragments_VerifiesEachInOrder()
    {
        for (int count = 0; count <= _claims.Length; count++)
        {
            IReadOnlyList<VerifiedCapsuleFrag?> verified = CapsuleFrag.VerifyMany(_claims[..count]);
            Assert.Equal(_claims[..count].Select(c => c.CapsuleFrag), verified.Select(v => v!.Frag));
        }

        Assert.All(CapsuleFrag.VerifyMany([_claims[0], _claims[0], _claims[1], _claims[0]]), Assert.NotNull);
    }

    [Fact]
    public void VerifyMany_OneBadFragment_NamesItAlone()
    {
        CapsuleFrag f = _claims[0].CapsuleFrag;
        using var stranger = SecretKey.Generate();
        (string What, CapsuleFragClaim Claim)[] bad =
        [
            ("E1", Claim(Altered(f, e1: f.E1 + Point.Generator), _claims[0].Capsule)),
            ("V1", Claim(Altered(f, v1: -f.V1), _claims[0].Capsule)),
            ("E2", Claim(Altered(f, e2: f.E2 + Point.U), _claims[0].Capsule)),
            ("V2", Claim(Altered(f, v2: f.E2), _claims[0].Capsule)),
            ("U2", Claim(Altered(f, u2: -f.U2), _claims[0].Capsule)),
            ("z", Claim(Altered(f, z: f.Z + Scalar.One), _claims[0].Capsule)),
            ("capsule", Claim(f, _claims[^1].Capsule)),
            ("verifying key", new CapsuleFragClaim { CapsuleFrag = f, Capsule = _claims[0].Capsule, VerifyingKey = stranger.PublicKey, DelegatingKey = A, ReceivingKey = B }),
            ("delegating key", new CapsuleFragClaim { CapsuleFrag = f, Capsule = _claims[0].Capsule, VerifyingKey = _signer.VerifyingKey, DelegatingKey = B, ReceivingKey = B }),
            ("receiving key", new CapsuleFragClaim { CapsuleFrag = f, Capsule = _claims[0].Capsule, VerifyingKey = _signer.VerifyingKey, DelegatingKey = A, ReceivingKey = A }),
        ];
        Assert.All(bad, (entry, index) =>
        {
            CapsuleFragClaim[] claims = [.. _claims];
            int place = index % claims.Length;
            claims[place] = entry.Claim;
            IReadOnlyList<VerifiedCapsuleFrag?> verified = CapsuleFrag.VerifyMany(claims);
            Assert.Equal([place], Enumerable.Range(0, claims.Length).Where(i => verified[i] is null));
            Assert.False(entry.Claim.CapsuleFrag.TryVerify(entry.Claim.Capsule, entry.Claim.VerifyingKey, entry.Claim.DelegatingKey, entry.Claim.ReceivingKey, out _));
            Assert.Null(Assert.Single(CapsuleFrag.VerifyMany([entry.Claim])));
        });
    }

    // Of one relation the fault is added, of the other it is taken away: without weights the sum would hold.
    [Fact]
    public void SumIsVarTime_FaultsThatCancel_DoesNotHold()
    {
        var batch = new RelationBatch(RandomSource.System);
        var plain = new RelationBatch(RandomSource.System);
        foreach (Point fault in (Point[])[Point.U, -Point.U])
        {
            Scalar k = Reference.Scalar(Reference.RandomBelow(Reference.N));
            Point claimed = Point.MultiplyBase(k) + fault;
            Scalar weight = batch.NextWeight();
            batch.Add(weight * k, Point.Generator);
            batch.Add(-weight, claimed);
            plain.Add(k, Point.Generator);
            plain.Add(-Scalar.One, claimed);
        }

        Assert.True(plain.SumIsVarTime(Point.Identity));
        Assert.False(batch.SumIsVarTime(Point.Identity));
    }

    [Fact]
    public void VerifyMany_NoClaim_Throws()
    {
        Assert.Throws<ArgumentNullException>(() => CapsuleFrag.VerifyMany(null!));
        Assert.Throws<ArgumentNullException>(() => CapsuleFrag.VerifyMany([_claims[0], null!]));
        Assert.Throws<ArgumentNullException>(() => new CapsuleFragClaim { CapsuleFrag = null!, Capsule = null!, VerifyingKey = A, DelegatingKey = A, ReceivingKey = B });
        Assert.Empty(CapsuleFrag.VerifyMany([]));
    }

    [Fact]
    public void NextWeight_Drawn_IsSplitIntoShortHalves()
    {
        var batch = new RelationBatch(RandomSource.System);
        for (int i = 0; i < 200; i++)
        {
            Scalar weight = batch.NextWeight();
            foreach (GlvScalar split in (GlvScalar[])[GlvScalar.Split(weight), GlvScalar.Split(-weight)])
            {
                Assert.True(split.First <= ulong.MaxValue && split.Second <= ulong.MaxValue);
                Assert.False(split.First == 0 || split.Second == 0);
            }
        }
    }

    [Fact]
    public void SumIsVarTime_RelationsOfSharedPoints_HoldsExactlyWhenAllDo()
    {
        var batch = new RelationBatch(RandomSource.System);
        Assert.True(batch.SumIsVarTime(Point.Identity));
        for (int i = 1; i <= 20; i++)
        {
            Scalar k = Reference.Scalar(Reference.RandomBelow(Reference.N)), weight = batch.NextWeight();
            batch.Add(weight * k, Point.Generator);
            batch.Add(weight * Scalar.FromUInt32((uint)i), Point.U);
            batch.Add(-weight, Point.MultiplyBase(k) + (Point.U * Scalar.FromUInt32((uint)i)));
            Assert.True(batch.SumIsVarTime(Point.Identity));
            Assert.False(batch.SumIsVarTime(Point.Generator));
        }

        batch.Add(batch.NextWeight(), Point.U);
        Assert.False(batch.SumIsVarTime(Point.Identity));
    }

    private CapsuleFragClaim Claim(CapsuleFrag frag, Capsule capsule) =>
        new() { CapsuleFrag = frag, Capsule = capsule, VerifyingKey = _signer.VerifyingKey, DelegatingKey = A, ReceivingKey = B };

    private static CapsuleFrag Altered(CapsuleFrag f, Point? e1 = null, Point? v1 = null, Point? e2 = null, Point? v2 = null, Point? u2 = null, Scalar? z = null) =>
        new(e1 ?? f.E1, v1 ?? f.V1, f.Id, f.Precursor, e2 ?? f.E2, v2 ?? f.V2, f.Commitment, u2 ?? f.U2, z ?? f.Z, f.ForReceiver);
}
