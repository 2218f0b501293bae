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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void FindUnverified_GoodFragments_FindsNone(int count)
    {
        (KeyFrag KeyFrag, PublicKey Delegating)[] keyFrags = MakeKeyFrags(count);
        Assert.Null(KeyFrag.FindUnverified(keyFrags, _signer.VerifyingKey, B, RandomSource.System));
        Dispose(keyFrags);
    }

    [Fact]
    public void FindUnverified_OneBadFragment_FindsItWherever()
    {
        using var stranger = new Signer(SecretKey.Generate());
        (KeyFrag KeyFrag, PublicKey Delegating)[] good = MakeKeyFrags(5);
        for (int place = 0; place < good.Length; place++)
        {
            (KeyFrag f, PublicKey delegating) = good[place];
            Signature foreign = stranger.Sign(KeyFrag.SignedMessage(f.Id, f.Commitment, f.Precursor, delegating, B));
            Signature own = f.ForReceiver;
            foreach (KeyFrag bad in (KeyFrag[])
            [
                new KeyFrag(f.Id, f.Key + Scalar.One, f.Precursor, f.Commitment, own, own, true, true),
                new KeyFrag(f.Id, f.Key, f.Precursor, f.Commitment, foreign, own, true, true),
                new KeyFrag(f.Id, f.Key, f.Precursor, f.Commitment, own, foreign, true, true),
                new KeyFrag(f.Id, f.Key, f.Precursor, f.Commitment, foreign, foreign, true, true),
                new KeyFrag(f.Id, f.Key, B, f.Commitment, own, own, true, true),
                new KeyFrag(f.Id, f.Key, f.Precursor, f.Commitment, own, own, false, true),
                new KeyFrag(f.Id, f.Key, f.Precursor, f.Commitment, own, own, true, false),
            ])
            {
                (KeyFrag KeyFrag, PublicKey Delegating)[] keyFrags = [.. good];
                keyFrags[place] = (bad, delegating);
                Assert.Equal(place, KeyFrag.FindUnverified(keyFrags, _signer.VerifyingKey, B, RandomSource.System));
                Assert.Equal(0, KeyFrag.FindUnverified([keyFrags[place]], _signer.VerifyingKey, B, RandomSource.System));

                // Of two bad ones the first is named.
                keyFrags[^1] = (bad, delegating);
                Assert.Equal(place, KeyFrag.FindUnverified(keyFrags, _signer.VerifyingKey, B, RandomSource.System));
                bad.Dispose();
            }

            Assert.Equal(place, KeyFrag.FindUnverified([.. good[..place], (f, B), .. good[(place + 1)..]], _signer.VerifyingKey, B, RandomSource.System));
        }

        Assert.Equal(0, KeyFrag.FindUnverified(good, _signer.VerifyingKey, A, RandomSource.System));
        Assert.Equal(0, KeyFrag.FindUnverified(good, stranger.VerifyingKey, B, RandomSource.System));
        Dispose(good);
    }

    // One secret is too large by what another is too small: without weights the sums would agree.
    [Fact]
    public void FindUnverified_FaultsThatCancel_FindsTheFirst()
    {
        (KeyFrag KeyFrag, PublicKey Delegating)[] keyFrags = MakeKeyFrags(4);
        keyFrags[1] = (Shifted(keyFrags[1].KeyFrag, Scalar.One), keyFrags[1].Delegating);
        keyFrags[2] = (Shifted(keyFrags[2].KeyFrag, -Scalar.One), keyFrags[2].Delegating);
        Assert.Equal(1, KeyFrag.FindUnverified(keyFrags, _signer.VerifyingKey, B, RandomSource.System));
        Dispose(keyFrags);

        KeyFrag Shifted(KeyFrag f, Scalar by) => new(f.Id, f.Key + by, f.Precursor, f.Commitment, f.ForReceiver, f.ForReceiver, true, true);
    }

    [Fact]
    public void FromBytes_ExpectedPoints_AreTakenOnlyWhereTheyStand()
    {
        (KeyFrag KeyFrag, PublicKey Delegating)[] keyFrags = MakeKeyFrags(2);
        (KeyFrag one, KeyFrag other) = (keyFrags[0].KeyFrag, keyFrags[1].KeyFrag);
        byte[] bytes = one.ToBytes();
        using var same = KeyFrag.FromBytes(bytes, one.Precursor, one.Commitment);
        Assert.Same(one.Precursor, same.Precursor);
        Assert.Same(one.Commitment, same.Commitment);
        using var read = KeyFrag.FromBytes(bytes, other.Precursor, other.Commitment);
        Assert.Equal((one.Precursor, one.Commitment), (read.Precursor, read.Commitment));
        Assert.Equal(bytes, read.ToBytes());
        for (int length = 0; length < bytes.Length; length += 7)
        {
            Assert.Equal(PhrDataReason.WrongLength, Assert.Throws<PhrDataException>(() => KeyFrag.FromBytes(bytes.AsSpan(0, length), one.Precursor, one.Commitment)).Reason);
        }

        Dispose(keyFrags);
    }

    [Fact]
    public void GenerateKeyFrags_SignedOnce_HasOneSignatureThatServesBoth()
    {
        VerifiedKeyFrag[] made = Umbral.GenerateKeyFrags(_delegating, B, _signer, new KeyFragOptions { Threshold = 2, Shares = 3, SignOnce = true });
        foreach (VerifiedKeyFrag keyFrag in made)
        {
            using var read = KeyFrag.FromBytes(keyFrag.ToBytes());
            Assert.True(read.TryVerify(_signer.VerifyingKey, A, B, out VerifiedKeyFrag? verified));
            Capsule capsule = Umbral.Encrypt(A, [1]).Capsule;
            Assert.True(CapsuleFrag.FromBytes(Umbral.Reencrypt(capsule, verified).ToBytes()).TryVerify(capsule, _signer.VerifyingKey, A, B, out _));
            verified.Dispose();
            keyFrag.Dispose();
        }

        Assert.Throws<ArgumentException>(() => Umbral.GenerateKeyFrags(_delegating, B, _signer, new KeyFragOptions { Threshold = 2, Shares = 3, SignOnce = true, SignReceivingKey = false }));
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

    private static void Dispose((KeyFrag KeyFrag, PublicKey Delegating)[] keyFrags) => Array.ForEach(keyFrags, k => k.KeyFrag.Dispose());

    // As many delegating keys, one delegator and one receiver: what an approval of several documents brings to an oracle.
    private (KeyFrag KeyFrag, PublicKey Delegating)[] MakeKeyFrags(int count) =>
    [
        .. Enumerable.Range(0, count).Select(_ =>
        {
            using var delegating = SecretKey.Generate();
            VerifiedKeyFrag[] made = Umbral.GenerateKeyFrags(delegating, B, _signer, new KeyFragOptions { Threshold = 2, Shares = 2, SignOnce = count > 2 });
            var read = KeyFrag.FromBytes(made[1].ToBytes());
            Array.ForEach(made, k => k.Dispose());
            return (read, delegating.PublicKey);
        }),
    ];

    private static CapsuleFrag Altered(CapsuleFrag f, Point? e1 = null, Point? v1 = null, Point? e2 = null, Point? v2 = null, Point? u2 = null, Scalar? z = null) =>
        new(e1 ?? f.E1, v1 ?? f.V1, f.Id, f.Precursor, e2 ?? f.E2, v2 ?? f.V2, f.Commitment, u2 ?? f.U2, z ?? f.Z, f.ForReceiver);
}
