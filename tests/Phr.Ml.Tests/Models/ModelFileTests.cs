using System.Formats.Cbor;
using System.Security.Cryptography;
using Phr.Ml.Models;
using Phr.Ml.Numerics;

namespace Phr.Ml.Tests.Models;

public class ModelFileTests
{
    public static TheoryData<string> Kinds => new(TrainedModels.Kinds);

    private static Dataset Masses => TrainedModels.Masses;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Load_WhatWasSaved_AnswersTheSameToTheDigit(string kind)
    {
        DiagnosisModel model = TrainedModels.Of(kind);
        string path = Path.Combine(Path.GetTempPath(), $"phr-{Guid.NewGuid():n}.phrmodel");
        try
        {
            model.Save(path);
            DiagnosisModel loaded = DiagnosisModel.Load(path);

            Assert.Equal(model.Digest, loaded.Digest);
            Assert.Equal(File.ReadAllBytes(path), loaded.ToBytes());
            Assert.Equal(model.Schema.Digest, loaded.Schema.Digest);
            Assert.Equal(model.Card.ToJson(), loaded.Card.ToJson());
            Assert.Null(loaded.Signature);
            for (int i = 0; i < Masses.Count; i += 5)
            {
                Diagnosis expected = model.PredictValues(Masses.Row(i));
                Diagnosis got = loaded.PredictValues(Masses.Row(i));
                Assert.Equal(expected.Probability, got.Probability);
                Assert.Equal(expected.Contributions, got.Contributions);
                Assert.Equal(expected.Set.Classes, got.Set.Classes);
                Assert.Equal(expected.Cohort.Distance, got.Cohort.Distance);
                Assert.Equal(expected.Reasons, got.Reasons);
                Assert.Equal(expected.BaseValue, got.BaseValue);
            }

            // Nothing half-written stays beside it.
            Assert.Single(Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(path) + "*"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Load_Stream_ReadsToTheEnd()
    {
        using var stream = new MemoryStream();
        TrainedModels.Of("linear").Save(stream);
        stream.Position = 0;

        Assert.Equal(TrainedModels.Of("linear").Digest, DiagnosisModel.Load(stream).Digest);
    }

    [Fact]
    public void FromBytes_CutShort_IsRefusedAtEveryLength()
    {
        byte[] file = TrainedModels.Of("linear").ToBytes();
        for (int length = 0; length < file.Length; length += length < 600 ? 1 : 97)
        {
            int cut = length;
            Assert.Throws<InvalidDataException>(() => DiagnosisModel.FromBytes(file.AsSpan(0, cut)));
            Assert.False(DiagnosisModel.TryFromBytes(file.AsSpan(0, cut), out _));
        }

        Assert.Contains("cut short", Assert.Throws<InvalidDataException>(() => DiagnosisModel.FromBytes(file.AsSpan(0, file.Length - 1))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => DiagnosisModel.FromBytes([.. file, 0]));
    }

    [Fact]
    public void FromBytes_OneBitTurned_IsRefusedWherever()
    {
        byte[] file = TrainedModels.Of("linear").ToBytes();
        for (int at = 0; at < file.Length; at += at < 300 ? 1 : 31)
        {
            byte[] damaged = [.. file];
            damaged[at] ^= (byte)(1 << (at % 8));
            Assert.Throws<InvalidDataException>(() => DiagnosisModel.FromBytes(damaged));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void FromBytes_DamagedWithItsDigestMadeToFit_IsRefusedOrStillAnswers(string kind)
    {
        byte[] file = TrainedModels.Of(kind).ToBytes();
        byte[] body = Body(file);
        var random = RandomStream.ForStream(31, (ulong)kind.Length);
        int rounds = Environment.GetEnvironmentVariable("PHR_TEST_LONG") is null ? 300 : 5000;
        int refused = 0;
        for (int round = 0; round < rounds; round++)
        {
            byte[] changed = [.. body];

            // Half of the damage where the structure is dense: the schema's end and the starts of the parts lie behind it.
            int length = round % 3 == 0 ? body.Length - random.NextInt(Math.Min(200, body.Length)) : body.Length;
            int at = random.NextInt(length);
            changed[at] = (byte)random.NextInt(256);
            byte[] hostile = ModelFile.Write(changed.AsSpan(0, length), ModelFile.DigestOf(changed.AsSpan(0, length)), null);
            try
            {
                DiagnosisModel model = DiagnosisModel.FromBytes(hostile);
                model.PredictValues(Masses.Row(round % Masses.Count));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.True(refused > rounds / 4, $"{refused} of {rounds}");
    }

    [Fact]
    public void FromBytes_NewerVersion_SaysSo()
    {
        byte[] file = TrainedModels.Of("linear").ToBytes();
        file[7] = 2;

        Assert.Contains("version 2", Assert.Throws<InvalidDataException>(() => DiagnosisModel.FromBytes(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromBytes_AnotherFile_IsForeign()
    {
        foreach (byte[] other in new byte[][] { [], "PK\u0003\u0004 a Microsoft.ML model is a zip"u8.ToArray(), RandomNumberGenerator.GetBytes(4096) })
        {
            Assert.Contains("not a Phr model", Assert.Throws<InvalidDataException>(() => DiagnosisModel.FromBytes(other)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void FromBytes_UnknownScorer_SaysSo()
    {
        byte[] body = Body(TrainedModels.Of("linear").ToBytes());
        int at = body.AsSpan().IndexOf("linear"u8);
        "laneir"u8.CopyTo(body.AsSpan(at));
        byte[] file = ModelFile.Write(body, ModelFile.DigestOf(body), null);

        Assert.Contains("scorer", Assert.Throws<InvalidDataException>(() => DiagnosisModel.FromBytes(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WithAVerifier_TakesOnlyWhatATrustedSignerMade()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DiagnosisModel model = TrainedModels.Of("linear");
        DiagnosisModel signed = model.Sign(new KeySigner(key));
        var trusted = new Verifier(key);

        byte[] file = signed.ToBytes();
        using var stream = new MemoryStream(file);
        DiagnosisModel loaded = DiagnosisModel.Load(stream, trusted);
        Assert.Equal(model.Digest, loaded.Digest);
        Assert.Equal("ecdsa-p256-sha256", loaded.Signature!.Algorithm);
        Assert.Equal(1, trusted.Asked);

        Assert.Throws<InvalidDataException>(() => DiagnosisModel.Load(new MemoryStream(model.ToBytes()), trusted));
        Assert.Throws<InvalidDataException>(() => DiagnosisModel.Load(new MemoryStream(model.Sign(new KeySigner(other)).ToBytes()), trusted));

        // Another model with this one's signature.
        DiagnosisModel changed = model.WithCard(c => c with { IntendedUse = "For everyone." });
        Assert.NotEqual(model.Digest, changed.Digest);
        Assert.Null(signed.WithCard(c => c with { IntendedUse = "For everyone." }).Signature);
        byte[] mixed = ModelFile.Write(Body(changed.ToBytes()), changed.Digest, signed.Signature);
        Assert.Throws<InvalidDataException>(() => DiagnosisModel.Load(new MemoryStream(mixed), trusted));
        Assert.Equal(changed.Digest, DiagnosisModel.FromBytes(mixed).Digest);
    }

    [Fact]
    public void Load_SignatureRefused_ReadsNothingOfTheModel()
    {
        // A body that is no model at all: with an untrusted signature it must not even come to that.
        byte[] body = [0xff, 0xff];
        byte[] file = ModelFile.Write(body, ModelFile.DigestOf(body), new ModelSignature("none", new byte[1], new byte[1]));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Contains("not trusted", Assert.Throws<InvalidDataException>(() => DiagnosisModel.Load(new MemoryStream(file), new Verifier(key))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WithCard_OfAnotherSchema_IsRefused() =>
        Assert.Throws<ArgumentException>(() => TrainedModels.Of("linear").WithCard(c => c with { Threshold = 0.9 }));

    [Theory]
    [InlineData("", 1, 1)]
    [InlineData("with space", 1, 1)]
    [InlineData("ok", 0, 1)]
    [InlineData("ok", 1025, 1)]
    [InlineData("ok", 1, 0)]
    [InlineData("ok", 1, 4097)]
    public void ModelSignature_OutOfBounds_IsRefused(string algorithm, int signer, int value) =>
        Assert.Throws<ArgumentException>(() => new ModelSignature(algorithm, new byte[signer], new byte[value]));

    private static byte[] Body(byte[] file)
    {
        var reader = new CborReader(file.AsMemory(8), CborConformanceMode.Ctap2Canonical);
        reader.ReadStartArray();
        return reader.ReadByteString();
    }

    private sealed class KeySigner(ECDsa key) : IModelSigner
    {
        public string Algorithm => "ecdsa-p256-sha256";

        public ReadOnlyMemory<byte> Signer => key.ExportSubjectPublicKeyInfo();

        public ReadOnlyMemory<byte> Sign(ContentDigest digest) => key.SignHash(digest.ToBytes());
    }

    private sealed class Verifier(ECDsa key) : IModelVerifier
    {
        public int Asked { get; private set; }

        public bool Verify(ModelSignature signature, ContentDigest digest)
        {
            Asked++;
            return signature.Algorithm == "ecdsa-p256-sha256"
                && signature.Signer.Span.SequenceEqual(key.ExportSubjectPublicKeyInfo())
                && key.VerifyHash(digest.ToBytes(), signature.Value.Span);
        }
    }
}
