using Phr.TestSupport;
using static Phr.Crypto.Tests.Reencryption.VectorFile;

namespace Phr.Crypto.Tests.Reencryption;

/// <summary>Damaged bytes: a reader accepts or refuses, both of its forms agree, and what it accepts it writes back as it was.</summary>
public class ReaderMutationTests
{
    private static readonly byte[][] _keyFrags = [.. Flow(5).GetProperty("kfrags").EnumerateArray().Select(k => k.Bytes())];
    private static readonly byte[][] _capsuleFrags = [.. Flow(5).GetProperty("cfrags").EnumerateArray().Select(c => c.Bytes("cfrag"))];

    [Fact]
    public void Capsule_DamagedBytes_AreReadOrRefused() => Run(
        "capsule", [Flow(4).Bytes("capsule"), Flow(5).Bytes("capsule")],
        b => Capsule.TryFromBytes(b, out Capsule? read) ? read.ToBytes() : null, b => Capsule.FromBytes(b).ToBytes());

    [Fact]
    public void SimpleCapsule_DamagedBytes_AreReadOrRefused() => Run(
        "simple capsule", [Capsule.FromBytes(Flow(4).Bytes("capsule")).ToSimpleBytes(), Capsule.FromBytes(Flow(5).Bytes("capsule")).ToSimpleBytes()],
        b => Capsule.TryFromSimpleBytes(b, out Capsule? read) ? read.ToSimpleBytes() : null, b => Capsule.FromSimpleBytes(b).ToSimpleBytes());

    [Fact]
    public void KeyFrag_DamagedBytes_AreReadOrRefused() => Run(
        "key fragment", _keyFrags,
        b =>
        {
            using KeyFrag? read = KeyFrag.TryFromBytes(b, out KeyFrag? keyFrag) ? keyFrag : null;
            return read?.ToBytes();
        },
        b =>
        {
            using KeyFrag read = KeyFrag.FromBytes(b);
            return read.ToBytes();
        });

    [Fact]
    public void CapsuleFrag_DamagedBytes_AreReadOrRefused() => Run(
        "capsule fragment", _capsuleFrags,
        b => CapsuleFrag.TryFromBytes(b, out CapsuleFrag? read) ? read.ToBytes() : null, b => CapsuleFrag.FromBytes(b).ToBytes());

    [Fact]
    public void Evidence_DamagedBytes_AreReadOrRefused() => Run(
        "re-encryption evidence", [Flow(4).Bytes("evidence0"), Flow(5).Bytes("evidence0")],
        b => ReencryptionEvidence.TryFromBytes(b, out ReencryptionEvidence? read) ? read.ToBytes() : null, b => ReencryptionEvidence.FromBytes(b).ToBytes());

    [Fact]
    public void Signature_DamagedBytes_AreReadOrRefused() => Run(
        "signature", [.. Interop.GetProperty("signatures").EnumerateArray().Select(s => s.Bytes("signature"))],
        b => Signature.TryFromBytes(b, out Signature? read) ? read.ToBytes() : null, b => Signature.FromBytes(b).ToBytes());

    [Fact]
    public void PublicKey_DamagedBytes_AreReadOrRefused() => Run(
        "public key", [.. Interop.GetProperty("keys").EnumerateArray().Select(k => k.Bytes("pk"))],
        b => PublicKey.TryFromBytes(b, out PublicKey? read) ? read.ToBytes() : null, b => PublicKey.FromBytes(b).ToBytes());

    // Whatever a reader lets through must also be safe to verify: no damaged fragment, of a right shape or not, may break the checks.
    [Fact]
    public void Verify_DamagedFragments_NeverThrows()
    {
        Capsule capsule = Capsule.FromBytes(Flow(5).Bytes("capsule"));
        PublicKey verifyingKey = Flow(5).PublicKey("verifyingPk"), a = Flow(5).PublicKey("delegatingPk"), b = Flow(5).PublicKey("receivingPk");
        Mutations.Run(
            "verified key fragment",
            _keyFrags,
            bytes =>
            {
                using KeyFrag? read = KeyFrag.TryFromBytes(bytes, out KeyFrag? keyFrag) ? keyFrag : null;
                if (read is null || !read.TryVerify(verifyingKey, a, b, out VerifiedKeyFrag? verified))
                {
                    return false;
                }

                verified.Dispose();
                return true;
            },
            _ => false);
        Mutations.Run(
            "verified capsule fragment",
            _capsuleFrags,
            bytes => CapsuleFrag.TryFromBytes(bytes, out CapsuleFrag? read) && read.TryVerify(capsule, verifyingKey, a, b, out _),
            _ => false);
    }

    private static System.Text.Json.JsonElement Flow(int index) => Interop.GetProperty("flows")[index];

    private static void Run(string name, byte[][] samples, Func<byte[], byte[]?> tryRead, Func<byte[], byte[]> read) => Mutations.Run(
        name,
        samples,
        bytes =>
        {
            byte[]? accepted = tryRead(bytes);
            try
            {
                byte[] written = read(bytes);
                Equal(bytes, written);
                Equal(written, accepted ?? []);
            }
            catch (PhrDataException) when (accepted is null)
            {
            }

            return accepted is not null;
        },
        _ => false);
}
