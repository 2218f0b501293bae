using System.Security.Cryptography;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math.EC.Multiplier;
using Phr.Crypto;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using BcInteger = Org.BouncyCastle.Math.BigInteger;
using ECAlgorithms = Org.BouncyCastle.Math.EC.ECAlgorithms;
using ECPoint = Org.BouncyCastle.Math.EC.ECPoint;

namespace Phr.Benchmarks.Scenes;

/// <summary>Prepared numbers, points and signatures, ours and BouncyCastle's, and the operations on them. Every operation ends with the bytes of its result.</summary>
internal sealed class CurveScene
{
    private const int Size = 64;

    private readonly Scalar[] _scalars = new Scalar[Size];
    private readonly Point[] _points = new Point[Size];
    private readonly SecretKey[] _keys = new SecretKey[Size];
    private readonly byte[][] _digests = new byte[Size][];
    private readonly Signature[] _signatures = new Signature[Size];
    private readonly BcInteger[] _bcScalars = new BcInteger[Size];
    private readonly ECPoint[] _bcPoints = new ECPoint[Size];
    private readonly ECPrivateKeyParameters[] _bcKeys = new ECPrivateKeyParameters[Size];
    private readonly ECPublicKeyParameters[] _bcPublicKeys = new ECPublicKeyParameters[Size];
    private readonly BcInteger[][] _bcSignatures = new BcInteger[Size][];
    private readonly X9ECParameters _curve = CustomNamedCurves.GetByName("secp256k1");
    private readonly FixedPointCombMultiplier _comb = new();
    private readonly byte[] _encoded = new byte[Point.Length];

    public CurveScene()
    {
        var domain = new ECDomainParameters(_curve);
        for (int i = 0; i < Size; i++)
        {
            _scalars[i] = Scalar.Random(RandomSource.System);
            _keys[i] = SecretKey.Generate();
            _points[i] = _keys[i].PublicKey.Point;
            _digests[i] = RandomNumberGenerator.GetBytes(32);
            _signatures[i] = _keys[i].SignDigest(_digests[i]).Signature;
            _bcScalars[i] = new BcInteger(1, _scalars[i].ToBytes());
            _bcPoints[i] = _curve.Curve.DecodePoint(_points[i].ToBytes());
            _bcKeys[i] = new ECPrivateKeyParameters(new BcInteger(1, _keys[i].Scalar.ToBytes()), domain);
            _bcPublicKeys[i] = new ECPublicKeyParameters(_bcPoints[i], domain);
            byte[] signature = _signatures[i].ToBytes();
            _bcSignatures[i] = [new BcInteger(1, signature, 0, 32), new BcInteger(1, signature, 32, 32)];
        }
    }

    public ulong Kept { get; private set; }

    public Scalar Multiply(int i) => Keep(_scalars[i % Size] * _scalars[(i + 1) % Size]);

    public Scalar Invert(int i) => Keep(_scalars[i % Size].Invert());

    public Scalar InvertVarTime(int i) => Keep(_scalars[i % Size].InvertVarTime());

    public void Split(int i)
    {
        Scalar.SplitGlv(_scalars[i % Size], out Scalar k1, out Scalar k2, out _, out _);
        Keep(k1);
        Keep(k2);
    }

    public BcInteger BcMultiply(int i) => _bcScalars[i % Size].Multiply(_bcScalars[(i + 1) % Size]).Mod(_curve.N);

    public BcInteger BcInvert(int i) => BigIntegers(_bcScalars[i % Size]);

    public void MultiplyPoint(int i) => Keep(_points[(i + 1) % Size] * _scalars[i % Size]);

    public void MultiplyPointVarTime(int i) => Keep(Point.MultiScalarVarTime([_scalars[i % Size]], [_points[(i + 1) % Size]]));

    public void MultiplyBase(int i) => Keep(Point.MultiplyBase(_scalars[i % Size]));

    public void MultiplySecondBase(int i) => Keep(Point.U * _scalars[i % Size]);

    public void LinearCombination(int i) =>
        Keep(Point.LinearCombinationVarTime(_scalars[i % Size], Point.Generator, _scalars[(i + 2) % Size], _points[(i + 1) % Size]));

    public void Add(int i) => Keep(_points[i % Size] + _points[(i + 1) % Size]);

    public void Read(int i)
    {
        _points[i % Size].WriteBytes(_encoded);
        Keep(Point.FromBytes(_encoded));
    }

    public void BcMultiplyPoint(int i) => Keep(_bcPoints[(i + 1) % Size].Multiply(_bcScalars[i % Size]));

    public void BcMultiplyBase(int i) => Keep(_comb.Multiply(_curve.G, _bcScalars[i % Size]));

    public void BcLinearCombination(int i) =>
        Keep(ECAlgorithms.SumOfTwoMultiplies(_curve.G, _bcScalars[i % Size], _bcPoints[(i + 1) % Size], _bcScalars[(i + 2) % Size]));

    public void BcAdd(int i) => Keep(_bcPoints[i % Size].Add(_bcPoints[(i + 1) % Size]));

    public void BcRead(int i) => Keep(_curve.Curve.DecodePoint(_bcPoints[i % Size].GetEncoded(true)));

    public RecoverableSignature Sign(int i) => _keys[i % Size].SignDigest(_digests[i % Size]);

    public void Verify(int i) => Demand(_keys[i % Size].PublicKey.VerifyDigest(_digests[i % Size], _signatures[i % Size]));

    public BcInteger[] BcSign(int i)
    {
        var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
        signer.Init(true, _bcKeys[i % Size]);
        return signer.GenerateSignature(_digests[i % Size]);
    }

    public void BcVerify(int i)
    {
        var signer = new ECDsaSigner();
        signer.Init(false, _bcPublicKeys[i % Size]);
        Demand(signer.VerifySignature(_digests[i % Size], _bcSignatures[i % Size][0], _bcSignatures[i % Size][1]));
    }

    private static void Demand(bool holds)
    {
        if (!holds)
        {
            throw new InvalidOperationException("A signature does not verify.");
        }
    }

    private BcInteger BigIntegers(BcInteger value) => Org.BouncyCastle.Utilities.BigIntegers.ModOddInverse(_curve.N, value);

    private Scalar Keep(Scalar scalar)
    {
        Kept ^= scalar.GetLimb(0);
        return scalar;
    }

    private void Keep(Point point)
    {
        point.WriteBytes(_encoded);
        Kept ^= _encoded[1];
    }

    private void Keep(ECPoint point)
    {
        point.Normalize().EncodeTo(true, _encoded);
        Kept ^= _encoded[1];
    }
}
