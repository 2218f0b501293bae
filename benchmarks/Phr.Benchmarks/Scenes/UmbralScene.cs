using System.Security.Cryptography;
using Phr.Crypto;

namespace Phr.Benchmarks.Scenes;

/// <summary>One delegation to 3 of 5 proxies over a plaintext of 32 bytes, the same as in peers/umbral/peer.mjs.</summary>
internal sealed class UmbralScene : IDisposable
{
    private readonly SecretKey _delegating = SecretKey.Generate();
    private readonly SecretKey _receiving = SecretKey.Generate();
    private readonly SecretKey _signing = SecretKey.Generate();
    private readonly Signer _signer;
    private readonly byte[] _plaintext = RandomNumberGenerator.GetBytes(32);
    private readonly Capsule _capsule;
    private readonly byte[] _ciphertext;
    private readonly VerifiedKeyFrag[] _keyFrags;
    private readonly VerifiedCapsuleFrag[] _capsuleFrags;
    private readonly KeyFrag _keyFrag;
    private readonly CapsuleFrag _capsuleFrag;

    public UmbralScene()
    {
        _signer = new Signer(_signing);
        (_capsule, _ciphertext) = Umbral.Encrypt(_delegating.PublicKey, _plaintext);
        _keyFrags = GenerateKeyFrags();
        _capsuleFrags = [.. _keyFrags.Take(Threshold).Select(k => Umbral.Reencrypt(_capsule, k))];
        _keyFrag = KeyFrag.FromBytes(_keyFrags[0].ToBytes());
        _capsuleFrag = CapsuleFrag.FromBytes(_capsuleFrags[0].ToBytes());
        Many = [.. Umbral.GenerateKeyFrags(_delegating, _receiving.PublicKey, _signer, new KeyFragOptions { Threshold = 9, Shares = ManyCount })
            .Select(k => CapsuleFrag.FromBytes(Umbral.Reencrypt(_capsule, k).ToBytes()))];
    }

    public const int Threshold = 3;

    public const int Shares = 5;

    public const int ManyCount = 16;

    /// <summary>Sixteen fragments of one capsule.</summary>
    public CapsuleFrag[] Many { get; }

    public Capsule Capsule => _capsule;

    public PublicKey VerifyingKey => _signing.PublicKey;

    public PublicKey DelegatingKey => _delegating.PublicKey;

    public PublicKey ReceivingKey => _receiving.PublicKey;

    public byte[] CapsuleBytes => _capsule.ToBytes();

    public byte[] KeyFragBytes => _keyFrag.ToBytes();

    public byte[] CapsuleFragBytes => _capsuleFrag.ToBytes();

    public (Capsule Capsule, byte[] Ciphertext) Encrypt() => Umbral.Encrypt(_delegating.PublicKey, _plaintext);

    public byte[] DecryptOriginal() => Umbral.DecryptOriginal(_delegating, _capsule, _ciphertext);

    public VerifiedKeyFrag[] GenerateKeyFrags() =>
        Umbral.GenerateKeyFrags(_delegating, _receiving.PublicKey, _signer, new KeyFragOptions { Threshold = Threshold, Shares = Shares });

    public VerifiedKeyFrag VerifyKeyFrag() => _keyFrag.Verify(_signing.PublicKey, _delegating.PublicKey, _receiving.PublicKey);

    public VerifiedCapsuleFrag Reencrypt() => Umbral.Reencrypt(_capsule, _keyFrags[1]);

    public VerifiedCapsuleFrag VerifyCapsuleFrag() => _capsuleFrag.Verify(_capsule, _signing.PublicKey, _delegating.PublicKey, _receiving.PublicKey);

    public void VerifyMany()
    {
        CapsuleFragClaim[] claims =
        [
            .. Many.Select(f => new CapsuleFragClaim
            {
                CapsuleFrag = f,
                Capsule = _capsule,
                VerifyingKey = _signing.PublicKey,
                DelegatingKey = _delegating.PublicKey,
                ReceivingKey = _receiving.PublicKey,
            }),
        ];
        if (CapsuleFrag.VerifyMany(claims).Contains(null))
        {
            throw new InvalidOperationException("A fragment does not verify.");
        }
    }

    public void VerifyManyOneByOne()
    {
        foreach (CapsuleFrag fragment in Many)
        {
            fragment.Verify(_capsule, _signing.PublicKey, _delegating.PublicKey, _receiving.PublicKey);
        }
    }

    public byte[] DecryptReencrypted() => Umbral.DecryptReencrypted(_receiving, _delegating.PublicKey, _capsule, _capsuleFrags, _ciphertext);

    public void Dispose()
    {
        _delegating.Dispose();
        _receiving.Dispose();
        _signing.Dispose();
        foreach (VerifiedKeyFrag fragment in _keyFrags)
        {
            fragment.Dispose();
        }
    }
}
