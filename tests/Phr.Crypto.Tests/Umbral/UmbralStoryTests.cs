using System.Text;

namespace Phr.Crypto.Tests.Reencryption;

public class UmbralStoryTests
{
    [Fact]
    public void Story_AliceBobAndThreeProxies_BobReadsWhatAliceDelegated()
    {
        #region umbral-story
        // 1. Alice has a delegating key and a signer; Bob has a receiving key. They know each other's public keys.
        using var aliceKey = SecretKey.Generate();
        using var aliceSigner = new Signer(SecretKey.Generate());
        using var bobKey = SecretKey.Generate();
        PublicKey alice = aliceKey.PublicKey, aliceVerifying = aliceSigner.VerifyingKey, bob = bobKey.PublicKey;

        // 2. Anyone encrypts to Alice. Capsule and ciphertext can be stored anywhere.
        (Capsule capsule, byte[] ciphertext) = Umbral.Encrypt(alice, "blood group 0 negative"u8);

        // 3. Alice opens her own data directly.
        byte[] own = Umbral.DecryptOriginal(aliceKey, capsule, ciphertext);

        // 4. Alice delegates to Bob through three proxies, of which any two are enough. Each proxy gets one fragment, sealed to it.
        VerifiedKeyFrag[] keyFrags = Umbral.GenerateKeyFrags(aliceKey, bob, aliceSigner, new KeyFragOptions { Threshold = 2, Shares = 3 });
        byte[][] sealedToProxies = [.. keyFrags.Select(k => k.ToBytes())];

        // 5. Two proxies answer. Each checks what it got before it works, and learns nothing about the content.
        var answers = new List<byte[]>();
        foreach (byte[] wire in sealedToProxies.Take(2))
        {
            using KeyFrag received = KeyFrag.FromBytes(wire);
            using VerifiedKeyFrag keyFrag = received.Verify(aliceVerifying, alice, bob);
            answers.Add(Umbral.Reencrypt(capsule, keyFrag).ToBytes());
        }

        // 6. Bob checks each answer; a wrong one is pinned on the proxy that sent it. With two good ones he opens.
        var pieces = new List<VerifiedCapsuleFrag>();
        foreach (byte[] answer in answers)
        {
            if (CapsuleFrag.TryFromBytes(answer, out CapsuleFrag? piece) && piece.TryVerify(capsule, aliceVerifying, alice, bob, out VerifiedCapsuleFrag? verified))
            {
                pieces.Add(verified);
            }
        }

        byte[] opened = Umbral.DecryptReencrypted(bobKey, alice, capsule, pieces, ciphertext);
        #endregion

        Assert.Equal("blood group 0 negative", Encoding.UTF8.GetString(own));
        Assert.Equal("blood group 0 negative", Encoding.UTF8.GetString(opened));
        var tooFew = Assert.Throws<PhrDataException>(() => Umbral.DecryptReencrypted(bobKey, alice, capsule, pieces[..1], ciphertext));
        Assert.Equal(PhrDataReason.AuthenticationFailed, tooFew.Reason);
        Array.ForEach(keyFrags, k => k.Dispose());
    }
}
