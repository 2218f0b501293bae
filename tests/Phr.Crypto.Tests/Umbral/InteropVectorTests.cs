using System.Text.Json;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using static Phr.Crypto.Tests.Reencryption.VectorFile;

namespace Phr.Crypto.Tests.Reencryption;

/// <summary>Every case that umbral-pre 0.10.0 produced, reproduced byte for byte or refused. <c>tests/vectors/umbral/README.md</c> explains the file.</summary>
public class InteropVectorTests
{
    [Fact]
    public void Keys_Recorded_AreReproduced() => ForEach("keys", 6, item =>
    {
        if (item.GetProperty("rng").ValueKind == JsonValueKind.Array)
        {
            using RecordedRandom random = item.Random("rng");
            using var generated = SecretKey.Generate(random);
            Equal(item.Bytes("sk"), generated);
        }

        using SecretKey key = item.SecretKey("sk");
        Equal(item.Bytes("pk"), key.PublicKey.ToBytes());
    });

    [Fact]
    public void SecretKeyFactory_Recorded_IsReproduced() => ForEach("secretKeyFactory", 3, item =>
    {
        byte[] label = item.Bytes("label");
        using var factory = SecretKeyFactory.FromSeed(item.Bytes("seed"));
        using SecretKey key = factory.MakeKey(label);
        Equal(item.Bytes("makeKey"), key);
        using SecretBytes secret = factory.MakeSecret(label);
        Equal(item.Bytes("makeSecret"), secret.Reveal().ToArray());

        using SecretKeyFactory child = factory.MakeFactory(label);
        using SecretKey inner = child.MakeKey("foo"u8);
        Equal(item.Bytes("makeFactory_then_makeKey_foo"), inner);
        var innerSecret = new byte[SecretKeyFactory.DerivedSecretLength];
        child.MakeSecret("foo"u8, innerSecret);
        Equal(item.Bytes("makeFactory_then_makeSecret_foo"), innerSecret);
    });

    [Fact]
    public void DigestToScalar_EdgeValues_AreReproduced()
    {
        JsonElement[] cases = [.. Intermediates.GetProperty("digestToScalar").EnumerateArray()];
        Assert.Equal(7, cases.Length);
        Assert.All(cases, item => Equal(item.Bytes("scalar"), UmbralHash.FromDigest(item.Bytes("digest")).ToBytes()));
    }

    [Fact]
    public void Parameters_U_IsTheConstant() =>
        Equal(Interop.GetProperty("parameters").Bytes("u"), Point.U.ToBytes());

    [Fact]
    public void Signatures_Recorded_AreReproduced() => ForEach("signatures", 3, item =>
    {
        using RecordedRandom random = item.Random("rng");
        using var signer = new Signer(item.SecretKey("sk"));
        Signature signature = signer.Sign(item.Bytes("message"), random);
        Equal(item.Bytes("signature"), signature.ToBytes());
        Assert.True(item.PublicKey("pk").Verify(item.Bytes("message"), signature));
    });

    [Fact]
    public void Encrypt_Recorded_IsReproduced() => ForEach("encrypt", 7, item =>
    {
        using RecordedRandom random = item.Random("rng");
        (Capsule capsule, byte[] ciphertext) = Umbral.Encrypt(item.PublicKey("delegatingPk"), item.Bytes("plaintext"), random);
        Equal(item.Bytes("capsule"), capsule.ToBytes());
        Equal(item.Bytes("capsuleSimple"), capsule.ToSimpleBytes());
        Equal(item.Bytes("ciphertext"), ciphertext);
        using SecretKey delegating = item.SecretKey("delegatingSk");
        Equal(item.Bytes("decryptOriginal"), Umbral.DecryptOriginal(delegating, Capsule.FromBytes(item.Bytes("capsule")), ciphertext));
    });

    [Fact]
    public void Flows_Recorded_AreReproduced()
    {
        int keyFragCount = 0, opened = 0, refused = 0, evidenced = 0;
        ForEach("flows", 16, flow =>
        {
            using SecretKey delegating = flow.SecretKey("delegatingSk"), receiving = flow.SecretKey("receivingSk");
            using var signer = new Signer(flow.SecretKey("signingSk"));
            PublicKey a = flow.PublicKey("delegatingPk"), b = flow.PublicKey("receivingPk"), verifyingKey = flow.PublicKey("verifyingPk");
            Assert.Equal(verifyingKey, signer.VerifyingKey);

            using RecordedRandom encryptRandom = flow.Random("encryptRng");
            (Capsule capsule, byte[] ciphertext) = Umbral.Encrypt(a, flow.Bytes("plaintext"), encryptRandom);
            Equal(flow.Bytes("capsule"), capsule.ToBytes());
            Equal(flow.Bytes("ciphertext"), ciphertext);

            var options = new KeyFragOptions
            {
                Threshold = flow.GetProperty("threshold").GetInt32(),
                Shares = flow.GetProperty("shares").GetInt32(),
                SignDelegatingKey = flow.GetProperty("signDelegatingKey").GetBoolean(),
                SignReceivingKey = flow.GetProperty("signReceivingKey").GetBoolean(),
            };
            using RecordedRandom keyFragsRandom = flow.Random("kfragsRng");
            VerifiedKeyFrag[] made = Umbral.GenerateKeyFrags(delegating, b, signer, options, idOf: null, keyFragsRandom);
            JsonElement[] keyFrags = [.. flow.GetProperty("kfrags").EnumerateArray()], capsuleFrags = [.. flow.GetProperty("cfrags").EnumerateArray()];
            Assert.Equal(options.Shares, keyFrags.Length);
            Assert.Equal(options.Shares, capsuleFrags.Length);
            var pieces = new VerifiedCapsuleFrag[made.Length];
            for (int i = 0; i < made.Length; i++)
            {
                keyFragCount++;
                Equal(keyFrags[i].Bytes(), made[i].ToBytes());

                // What the proxy gets over the wire, with just the keys that its signature covers.
                using KeyFrag received = KeyFrag.FromBytes(keyFrags[i].Bytes());
                Assert.True(received.TryVerify(verifyingKey, options.SignDelegatingKey ? a : null, options.SignReceivingKey ? b : null, out VerifiedKeyFrag? keyFrag));
                using RecordedRandom reencryptRandom = capsuleFrags[i].Random("rng");
                VerifiedCapsuleFrag piece = Umbral.Reencrypt(capsule, keyFrag, reencryptRandom);
                Equal(capsuleFrags[i].Bytes("cfrag"), piece.ToBytes());
                Assert.True(CapsuleFrag.FromBytes(piece.ToBytes()).TryVerify(capsule, verifyingKey, a, b, out pieces[i]!));
                keyFrag.Dispose();
                made[i].Dispose();
            }

            Equal(flow.Bytes("cfragSimple0"), pieces[0].ToSimpleBytes());
            if (flow.TryGetProperty("evidence0", out JsonElement evidence0))
            {
                evidenced++;
                ReencryptionEvidence evidence = ReencryptionEvidence.Create(capsule, pieces[0], verifyingKey, a, b);
                Equal(evidence0.Bytes(), evidence.ToBytes());
                Assert.True(ReencryptionEvidence.FromBytes(evidence0.Bytes()).Verify(capsule, pieces[0].Frag, verifyingKey));
            }

            foreach (JsonElement open in flow.GetProperty("opens").EnumerateArray())
            {
                VerifiedCapsuleFrag[] given = [.. open.GetProperty("cfrags").EnumerateArray().Select(index => pieces[index.GetInt32()])];
                if (open.TryGetProperty("plaintext", out JsonElement plaintext))
                {
                    opened++;
                    Equal(plaintext.Bytes(), Umbral.DecryptReencrypted(receiving, a, capsule, given, ciphertext));
                }
                else
                {
                    refused++;
                    Assert.Equal(PhrDataReason.AuthenticationFailed, Refused(() => Umbral.DecryptReencrypted(receiving, a, capsule, given, ciphertext)));
                    Assert.False(Umbral.TryDecryptReencrypted(receiving, a, capsule, given, ciphertext, out _));
                }
            }
        });
        Assert.Equal((68, 4), (keyFragCount, evidenced));
        Assert.Equal((48, 12), (opened, refused));
    }

    [Fact]
    public void Negatives_AllOperations_AreRefused()
    {
        var operations = new SortedDictionary<string, int>(StringComparer.Ordinal);
        ForEach("negatives", 107, item =>
        {
            string operation = item.Text("op");
            operations[operation] = operations.GetValueOrDefault(operation) + 1;
            Exception? thrown = Record.Exception(() => Run(operation, item.GetProperty("input")));
            Assert.True(thrown is PhrDataException, $"{item.Text("name")}: {thrown?.ToString() ?? "was accepted"}");
        });
        Assert.Equal(
            "decryptOriginal 12, decryptReencrypted 13, parseCapsule 14, parsePublicKey 10, parseSecretKey 4, parseSignature 6, verifyCfrag 21, verifyKfrag 23, verifySignature 4",
            string.Join(", ", operations.Select(o => $"{o.Key} {o.Value}")));
    }

    [Fact]
    public void Special_UnusualPoints_Open() => ForEach("special", 4, item =>
        Equal(item.Bytes("output"), Run(item.Text("op"), item.GetProperty("input"))));

    // What the reference tolerates is refused, but for two key fragments that are good ones and a public key a person may supply.
    [Fact]
    public void Quirks_AllOperations_FollowTheAdvice()
    {
        var accepted = new List<string>();
        ForEach("quirks", 18, item =>
        {
            string name = item.Text("name");
            JsonElement input = item.GetProperty("input");
            try
            {
                Run(item.Text("op"), input);
                accepted.Add(name);
            }
            catch (PhrDataException)
            {
            }
            catch (ArgumentOutOfRangeException) when (item.Text("op") == "generateKfrags")
            {
            }

            if (name == "public key: uncompressed (65 bytes)")
            {
                Assert.True(PublicKey.TryImport(input.Bytes("pk"), out PublicKey? imported));
                Equal(item.Bytes("reference"), imported.ToBytes());
            }
            else if (item.Text("op") == "parsePublicKey")
            {
                Assert.False(PublicKey.TryImport(input.Bytes("pk"), out _));
            }
        });
        Assert.Equal(["kfrag: keys given though not signed are ignored", "kfrag: flags upgraded with the receiver signature"], accepted);
    }

    private static byte[] Run(string operation, JsonElement input)
    {
        switch (operation)
        {
            case "parsePublicKey":
                return input.PublicKey("pk").ToBytes();
            case "parseSecretKey":
                using (input.SecretKey("sk"))
                {
                    return [];
                }

            case "parseSignature":
                return Signature.FromBytes(input.Bytes("signature")).ToBytes();
            case "verifySignature":
                return input.PublicKey("pk").Verify(input.Bytes("message"), Signature.FromBytes(input.Bytes("signature")))
                    ? []
                    : throw new PhrDataException("signature", PhrDataReason.InvalidSignature, "it does not verify.");
            case "parseCapsule":
                return Capsule.FromBytes(input.Bytes("capsule")).ToBytes();
            case "decryptOriginal":
                using (SecretKey key = input.SecretKey("sk"))
                {
                    return Umbral.DecryptOriginal(key, Capsule.FromBytes(input.Bytes("capsule")), input.Bytes("ciphertext"));
                }

            case "verifyKfrag":
                using (KeyFrag keyFrag = KeyFrag.FromBytes(input.Bytes("kfrag")))
                using (VerifiedKeyFrag verified = keyFrag.Verify(input.PublicKey("verifyingPk"), Optional("delegatingPk"), Optional("receivingPk")))
                {
                    return verified.ToBytes();
                }

            case "verifyCfrag":
                return CapsuleFrag.FromBytes(input.Bytes("cfrag"))
                    .Verify(Capsule.FromBytes(input.Bytes("capsule")), input.PublicKey("verifyingPk"), input.PublicKey("delegatingPk"), input.PublicKey("receivingPk"))
                    .ToBytes();
            case "decryptReencrypted":
                using (SecretKey key = input.SecretKey("receivingSk"))
                {
                    // The reference was given these fragments unverified.
                    VerifiedCapsuleFrag[] pieces = [.. input.GetProperty("cfrags").EnumerateArray().Select(c => new VerifiedCapsuleFrag(CapsuleFrag.FromBytes(c.Bytes())))];
                    return Umbral.DecryptReencrypted(key, input.PublicKey("delegatingPk"), Capsule.FromBytes(input.Bytes("capsule")), pieces, input.Bytes("ciphertext"));
                }

            case "generateKfrags":
                using (SecretKey key = input.SecretKey("delegatingSk"))
                using (var signer = new Signer(input.SecretKey("signingSk")))
                {
                    var options = new KeyFragOptions { Threshold = input.GetProperty("threshold").GetInt32(), Shares = input.GetProperty("shares").GetInt32() };
                    Umbral.GenerateKeyFrags(key, input.PublicKey("receivingPk"), signer, options);
                    return [];
                }

            default:
                throw new InvalidOperationException($"The vectors have an operation that this test does not know: {operation}.");
        }

        PublicKey? Optional(string name) => input.GetProperty(name).ValueKind == JsonValueKind.Null ? null : input.PublicKey(name);
    }

    private static PhrDataReason Refused(Action action) => Assert.Throws<PhrDataException>(action).Reason;

    private static void ForEach(string section, int count, Action<JsonElement> check)
    {
        JsonElement[] items = [.. Interop.GetProperty(section).EnumerateArray()];
        Assert.Equal(count, items.Length);
        Assert.All(items, check);
    }
}
