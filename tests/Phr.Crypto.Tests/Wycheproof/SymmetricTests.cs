using System.Security.Cryptography;
using System.Text.Json;
using NSec.Cryptography;

namespace Phr.Crypto.Tests.Wycheproof;

/// <summary>The symmetric primitives that Phr calls, through the calls that it makes.</summary>
public class SymmetricTests
{
    // Phr: 256-bit keys, 96-bit nonces, 128-bit tags. The platform's class takes the shorter keys as well, and no other nonce.
    [Fact]
    public void AesGcm_EveryCase_SealsAndOpensOrRefuses()
    {
        int valid = 0, invalid = 0, otherNonce = 0;
        foreach ((JsonElement group, JsonElement test) in WycheproofFile.Cases("aes_gcm_test.json.gz"))
        {
            byte[] nonce = test.Bytes("iv"), aad = test.Bytes("aad"), plaintext = test.Bytes("msg"), ciphertext = test.Bytes("ct"), tag = test.Bytes("tag");
            byte[] opened = new byte[ciphertext.Length];
            Assert.Equal(128, group.Number("tagSize"));
            using var aes = new AesGcm(test.Bytes("key"), 16);
            if (nonce.Length != 12)
            {
                Assert.Throws<ArgumentException>(() => aes.Decrypt(nonce, ciphertext, tag, opened, aad));
                otherNonce++;
            }
            else if (test.Result() == "valid")
            {
                byte[] body = new byte[plaintext.Length], sealedTag = new byte[16];
                aes.Encrypt(nonce, plaintext, body, sealedTag, aad);
                Assert.Equal(ciphertext, body);
                Assert.Equal(tag, sealedTag);
                aes.Decrypt(nonce, ciphertext, tag, opened, aad);
                Assert.Equal(plaintext, opened);
                valid++;
            }
            else
            {
                Assert.Throws<AuthenticationTagMismatchException>(() => aes.Decrypt(nonce, ciphertext, tag, opened, aad));
                invalid++;
            }
        }

        Assert.Equal((116, 81, 119), (valid, invalid, otherNonce));
    }

    // NSec's cipher, which key files use, and the platform's under a derived subkey, which Umbral uses where there is one.
    [Fact]
    public void XChaCha20Poly1305_EveryCase_SealsAndOpensOrRefuses()
    {
        XChaCha20Poly1305 algorithm = AeadAlgorithm.XChaCha20Poly1305;
        int valid = 0, invalid = 0, otherNonce = 0;
        foreach ((JsonElement group, JsonElement test) in WycheproofFile.Cases("xchacha20_poly1305_test.json.gz"))
        {
            byte[] nonce = test.Bytes("iv"), aad = test.Bytes("aad"), plaintext = test.Bytes("msg");
            byte[] ciphertext = [.. test.Bytes("ct"), .. test.Bytes("tag")];
            Assert.Equal((256, 128), (group.Number("keySize"), group.Number("tagSize")));
            using var key = Key.Import(algorithm, test.Bytes("key"), KeyBlobFormat.RawSymmetricKey);
            if (nonce.Length != 24)
            {
                Assert.Equal("invalid", test.Result());
                Assert.Throws<ArgumentException>(() => algorithm.Encrypt(key, nonce, aad, plaintext));
                otherNonce++;
            }
            else if (test.Result() == "valid")
            {
                Assert.Equal(ciphertext, algorithm.Encrypt(key, nonce, aad, plaintext));
                Assert.Equal(plaintext, algorithm.Decrypt(key, nonce, aad, ciphertext));
                byte[] body = new byte[ciphertext.Length], opened = new byte[plaintext.Length];
                UmbralCipher.Encrypt(test.Bytes("key"), nonce, aad, plaintext, body);
                Assert.Equal(ciphertext, body);
                Assert.True(UmbralCipher.TryDecrypt(test.Bytes("key"), nonce, aad, ciphertext, opened));
                Assert.Equal(plaintext, opened);
                valid++;
            }
            else
            {
                Assert.Null(algorithm.Decrypt(key, nonce, aad, ciphertext));
                byte[] opened = [.. Enumerable.Repeat((byte)1, ciphertext.Length - 16)];
                Assert.False(UmbralCipher.TryDecrypt(test.Bytes("key"), nonce, aad, ciphertext, opened));
                Assert.All(opened, b => Assert.Equal(0, b));
                invalid++;
            }
        }

        Assert.Equal((246, 60, 9), (valid, invalid, otherNonce));
    }

    // draft-irtf-cfrg-xchacha-03, section 2.2.1.
    [Fact]
    public void HChaCha20_PublishedVector_IsEqual()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)], subkey = new byte[32];
        HChaCha20.Derive(key, Convert.FromHexString("000000090000004a0000000031415927"), subkey);
        Assert.Equal("82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc", Convert.ToHexStringLower(subkey));
    }

    [Fact]
    public void Hkdf_EveryCase_DerivesOrRefusesTheLength()
    {
        int valid = 0, invalid = 0;
        foreach ((_, JsonElement test) in WycheproofFile.Cases("hkdf_sha256_test.json.gz"))
        {
            byte[] secret = test.Bytes("ikm"), salt = test.Bytes("salt"), info = test.Bytes("info");
            int size = test.Number("size");
            if (test.Result() == "valid")
            {
                byte[] derived = new byte[size], expanded = new byte[size], extracted = new byte[32];
                HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, derived, salt, info);
                HKDF.Extract(HashAlgorithmName.SHA256, secret, salt, extracted);
                HKDF.Expand(HashAlgorithmName.SHA256, extracted, expanded, info);
                Assert.Equal(test.Bytes("okm"), derived);
                Assert.Equal(derived, expanded);
                valid++;
            }
            else
            {
                Assert.True(test.HasFlag("SizeTooLarge"), test.Name());
                Assert.ThrowsAny<ArgumentException>(() => HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, new byte[size], salt, info));
                invalid++;
            }
        }

        Assert.Equal((83, 3), (valid, invalid));
    }
}
