using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Reencryption;

public sealed class ReencryptionTests : IDisposable
{
    private static readonly byte[] _plaintext = [1, 2, 3];

    private readonly SecretKey _delegating = SecretKey.Generate(), _receiving = SecretKey.Generate();
    private readonly Signer _signer = new(SecretKey.Generate());
    private readonly Capsule _capsule;
    private readonly byte[] _ciphertext;

    public ReencryptionTests() => (_capsule, _ciphertext) = Umbral.Encrypt(A, _plaintext);

    private PublicKey A => _delegating.PublicKey;

    private PublicKey B => _receiving.PublicKey;

    public void Dispose()
    {
        _delegating.Dispose();
        _receiving.Dispose();
        _signer.Dispose();
    }

    [Fact]
    public void DecryptReencrypted_RandomThresholdAndSubset_OpensExactlyFromTheThreshold()
    {
        Gen<(int Threshold, int Given, int[] Order)> cases =
            from shares in Gen.Choose(1, 6)
            from threshold in Gen.Choose(1, shares)
            from given in Gen.Choose(1, shares)
            from order in Gen.Shuffle(Enumerable.Range(0, shares))
            select (threshold, given, order.ToArray());
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(25).WithQuietOnSuccess(true), Prop.ForAll(cases.ToArbitrary(), c =>
        {
            VerifiedCapsuleFrag[] pieces = Pieces(c.Threshold, c.Order.Length);
            VerifiedCapsuleFrag[] chosen = [.. c.Order.Take(c.Given).Select(i => pieces[i])];
            bool opens = Umbral.TryDecryptReencrypted(_receiving, A, _capsule, chosen, _ciphertext, out byte[]? opened);
            return opens == (c.Given >= c.Threshold) && (!opens || opened!.SequenceEqual(_plaintext));
        }));
    }

    [Fact]
    public void DecapsulateReencrypted_Enough_GivesTheDelegatorsKey()
    {
        using CapsuleKey own = Umbral.Decapsulate(_delegating, _capsule);
        using CapsuleKey received = Umbral.DecapsulateReencrypted(_receiving, A, _capsule, Pieces(2, 3));
        Assert.True(own.FixedTimeEquals(received));
        Assert.Equal(PhrDataReason.AuthenticationFailed, Refused(() => Umbral.DecapsulateReencrypted(_receiving, A, _capsule, Pieces(2, 3)[..1])));
    }

    [Fact]
    public void DecryptReencrypted_EveryCauseOfFailure_LooksTheSame()
    {
        VerifiedCapsuleFrag[] pieces = Pieces(2, 3);
        (Capsule otherCapsule, byte[] otherCiphertext) = Umbral.Encrypt(A, _plaintext);
        byte[] altered = [.. _ciphertext];
        altered[^1] ^= 1;
        Action[] failures =
        [
            () => Umbral.DecryptReencrypted(_receiving, A, _capsule, pieces[..1], _ciphertext),
            () => Umbral.DecryptReencrypted(_receiving, B, _capsule, pieces, _ciphertext),
            () => Umbral.DecryptReencrypted(_delegating, A, _capsule, pieces, _ciphertext),
            () => Umbral.DecryptReencrypted(_receiving, A, otherCapsule, pieces, otherCiphertext),
            () => Umbral.DecryptReencrypted(_receiving, A, _capsule, pieces, altered),
            () => Umbral.DecryptReencrypted(_receiving, A, _capsule, pieces, _ciphertext.AsSpan(0, 39)),
            () => Umbral.DecryptOriginal(_receiving, _capsule, _ciphertext),
        ];
        string message = Assert.Single(failures.Select(f => Assert.Throws<PhrDataException>(f)).Select(e => $"{e.Reason} {e.Message}").Distinct());
        Assert.StartsWith(nameof(PhrDataReason.AuthenticationFailed), message, StringComparison.Ordinal);
    }

    [Fact]
    public void DecryptReencrypted_FragmentsThatDoNotCombine_NamesTheReason()
    {
        VerifiedCapsuleFrag[] pieces = Pieces(2, 3), others = Pieces(2, 3);
        Assert.Equal(PhrDataReason.BelowThreshold, Refused(() => Open([])));
        Assert.Equal(PhrDataReason.Duplicate, Refused(() => Open([pieces[0], pieces[1], pieces[0]])));
        Assert.Equal(PhrDataReason.Mismatched, Refused(() => Open([pieces[0], others[1]])));
        Assert.Equal(PhrDataReason.TooLarge, Refused(() => Open([.. Enumerable.Repeat(pieces[0], 256)])));
        Assert.Throws<ArgumentNullException>(() => Open([pieces[0], null!]));

        // The same key fragment used twice gives two fragments that differ but have one index.
        using VerifiedKeyFrag keyFrag = KeyFrags(2, 2)[0];
        Assert.Equal(PhrDataReason.Duplicate, Refused(() => Open([Umbral.Reencrypt(_capsule, keyFrag), Umbral.Reencrypt(_capsule, keyFrag)])));

        void Open(VerifiedCapsuleFrag[] frags) => Umbral.DecryptReencrypted(_receiving, A, _capsule, frags, _ciphertext);
    }

    [Theory]
    [InlineData(0, 1, "Threshold")]
    [InlineData(-1, 3, "Threshold")]
    [InlineData(1, 0, "Shares")]
    [InlineData(3, 2, "Shares")]
    [InlineData(2, 256, "Shares")]
    public void GenerateKeyFrags_ImpossibleNumbers_Throws(int threshold, int shares, string parameter) =>
        Assert.Equal(parameter, Assert.Throws<ArgumentOutOfRangeException>(() => KeyFrags(threshold, shares)).ParamName);

    [Fact]
    public void GenerateKeyFrags_ChosenIds_AreInTheFragmentsAndCombineToTheDelegatingKey()
    {
        var options = new KeyFragOptions { Threshold = 2, Shares = 3 };
        VerifiedKeyFrag[] keyFrags = Umbral.GenerateKeyFrags(
            _delegating, B, _signer, options, (x, k) => SHA256.HashData([.. x.ToBytes(), (byte)k]), RandomSource.System);
        PublicKey precursor = keyFrags[0].Precursor;
        for (int k = 0; k < keyFrags.Length; k++)
        {
            Assert.Equal(SHA256.HashData([.. precursor.ToBytes(), (byte)k]), keyFrags[k].Id);
        }

        (byte[] Id, PublicKey Commitment)[] published = [.. keyFrags.Select(k => (k.Id.ToArray(), k.Commitment))];
        Point expected = Point.U * _delegating.Scalar;
        Assert.Equal(expected, Umbral.CombineCommitments(_receiving, precursor, published));
        Assert.Equal(expected, Umbral.CombineCommitments(_receiving, precursor, published[1..]));
        Assert.NotEqual(expected, Umbral.CombineCommitments(_receiving, precursor, published[..1]));
        Assert.Equal(PhrDataReason.Duplicate, Refused(() => Umbral.CombineCommitments(_receiving, precursor, [published[0], published[0]])));

        Assert.Throws<ArgumentException>(() => Umbral.GenerateKeyFrags(_delegating, B, _signer, options, (_, _) => new byte[31], RandomSource.System));
    }

    [Fact]
    public void Combine_VerifiedFragments_ClosesAndGivesTheSharedPoint()
    {
        CombinedFrags combined = Umbral.Combine(_receiving, Pieces(2, 2));
        Assert.True(combined.ClosingEquationHolds(A, _capsule));
        Assert.False(combined.ClosingEquationHolds(B, _capsule));
        using SecretBytes shared = Umbral.DecapsulateShared(_delegating, _capsule);
        Assert.Equal(shared.Reveal().ToArray(), combined.SharedPoint.ToBytes());
        Assert.Equal((_capsule.E + _capsule.V) * _delegating.Scalar, combined.SharedPoint);
    }

    [Fact]
    public void Verify_KeyFragWithOtherKeys_NamesTheCheck()
    {
        using VerifiedKeyFrag made = KeyFrags(1, 1)[0];
        using KeyFrag keyFrag = KeyFrag.FromBytes(made.ToBytes());
        Assert.Equal(PhrDataReason.InvalidSignature, Refused(() => keyFrag.Verify(A, A, B)));
        Assert.Equal(PhrDataReason.InvalidSignature, Refused(() => keyFrag.Verify(_signer.VerifyingKey, B, A)));
        Assert.Equal(PhrDataReason.NotFound, Refused(() => keyFrag.Verify(_signer.VerifyingKey, A, null)));
        Assert.False(keyFrag.TryVerify(_signer.VerifyingKey, null, B, out _));

        byte[] otherKey = made.ToBytes();
        otherKey[104] ^= 1;
        using KeyFrag altered = KeyFrag.FromBytes(otherKey);
        Assert.Equal(PhrDataReason.CommitmentMismatch, Refused(() => altered.Verify(_signer.VerifyingKey, A, B)));
    }

    [Fact]
    public void Verify_KeyFragWhoseReceiverSignatureIsWrong_IsRefusedWhenBothKeysAreCovered()
    {
        using VerifiedKeyFrag made = KeyFrags(1, 1)[0], other = KeyFrags(1, 1)[0];
        byte[] bytes = made.ToBytes();
        other.ToBytes().AsSpan(244, 64).CopyTo(bytes.AsSpan(244));
        using KeyFrag keyFrag = KeyFrag.FromBytes(bytes);
        Assert.False(keyFrag.TryVerify(_signer.VerifyingKey, A, B, out _));
        Assert.Equal(PhrDataReason.InvalidSignature, Refused(() => keyFrag.Verify(_signer.VerifyingKey, A, B)));
    }

    [Fact]
    public void Verify_CapsuleFragOfAnotherCapsuleOrKey_NamesTheCheck()
    {
        CapsuleFrag frag = CapsuleFrag.FromBytes(Pieces(1, 1)[0].ToBytes());
        (Capsule other, _) = Umbral.Encrypt(A, _plaintext);
        Assert.Equal(PhrDataReason.InvalidProof, Refused(() => frag.Verify(other, _signer.VerifyingKey, A, B)));
        Assert.Equal(PhrDataReason.InvalidSignature, Refused(() => frag.Verify(_capsule, A, A, B)));
        Assert.Equal(PhrDataReason.InvalidSignature, Refused(() => frag.Verify(_capsule, _signer.VerifyingKey, B, A)));
        Assert.False(frag.TryVerify(other, _signer.VerifyingKey, A, B, out _));
        Assert.Equal(frag, frag.Verify(_capsule, _signer.VerifyingKey, A, B).Frag);
    }

    [Fact]
    public void Evidence_AnotherFragmentCapsuleOrKey_DoesNotVerify()
    {
        VerifiedCapsuleFrag[] pieces = Pieces(1, 2);
        (Capsule other, _) = Umbral.Encrypt(A, _plaintext);
        ReencryptionEvidence evidence = ReencryptionEvidence.Create(_capsule, pieces[0], _signer.VerifyingKey, A, B);
        Assert.Equal(evidence, ReencryptionEvidence.FromBytes(evidence.ToBytes()));
        Assert.True(evidence.Verify(_capsule, pieces[0].Frag, _signer.VerifyingKey));
        Assert.False(evidence.Verify(_capsule, pieces[1].Frag, _signer.VerifyingKey));
        Assert.False(evidence.Verify(other, pieces[0].Frag, _signer.VerifyingKey));
        Assert.False(evidence.Verify(_capsule, pieces[0].Frag, A));
        Assert.Throws<ArgumentException>(() => ReencryptionEvidence.Create(_capsule, pieces[0], A, A, B));

        // A proxy that did not re-encrypt: every product is given as it is, and the equations tell.
        CapsuleFrag f = pieces[0].Frag;
        var cheat = new CapsuleFrag(f.E1 + Point.Generator, f.V1, f.Id, f.Precursor, f.E2, f.V2, f.Commitment, f.U2, f.Z, f.ForReceiver);
        ReencryptionEvidence cheated = ReencryptionEvidence.Create(_capsule, new VerifiedCapsuleFrag(cheat), _signer.VerifyingKey, A, B);
        Assert.False(cheated.Verify(_capsule, cheat, _signer.VerifyingKey));
    }

    [Fact]
    public void KeyFrag_Disposed_IsOfNoUse()
    {
        VerifiedKeyFrag made = KeyFrags(1, 1)[0];
        KeyFrag keyFrag = KeyFrag.FromBytes(made.ToBytes());
        Assert.True(keyFrag.TryVerify(_signer.VerifyingKey, A, B, out VerifiedKeyFrag? verified));
        keyFrag.Dispose();
        Assert.Throws<ObjectDisposedException>(() => keyFrag.ToBytes());
        Assert.Throws<ObjectDisposedException>(() => keyFrag.TryVerify(_signer.VerifyingKey, A, B, out _));

        // The verified copy lives on by itself.
        Umbral.Reencrypt(_capsule, verified);
        verified.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Umbral.Reencrypt(_capsule, verified));
        made.Dispose();
        Assert.Throws<ObjectDisposedException>(() => made.ToBytes());
        Assert.Equal(["KeyFrag", "VerifiedKeyFrag"], [keyFrag.ToString(), made.ToString()]);
    }

    private static PhrDataReason Refused(Action action) => Assert.Throws<PhrDataException>(action).Reason;

    private VerifiedKeyFrag[] KeyFrags(int threshold, int shares) =>
        Umbral.GenerateKeyFrags(_delegating, B, _signer, new KeyFragOptions { Threshold = threshold, Shares = shares });

    private VerifiedCapsuleFrag[] Pieces(int threshold, int shares)
    {
        VerifiedKeyFrag[] keyFrags = KeyFrags(threshold, shares);
        VerifiedCapsuleFrag[] pieces = [.. keyFrags.Select(k => Umbral.Reencrypt(_capsule, k))];
        Array.ForEach(keyFrags, k => k.Dispose());
        return pieces;
    }
}
