using System.Formats.Cbor;
using System.Security.Cryptography;
using Phr.Ml.Evaluation;
using Phr.Ml.Explanations;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;
using Phr.Ml.Training;

namespace Phr.Ml.Models;

/// <summary>The format of a model's file: docs/model-format.md.</summary>
internal static class ModelFile
{
    public const int Version = 1;
    public const int MostBytes = 512 << 20;
    private const int MostCardBytes = ModelCardJson.MostBytes;
    private const int MostSchemaBytes = 64 << 20;
    private const int Parts = 10;

    /// <summary>The first bytes; the version follows. No text, broken by whatever changes line ends, and by whatever strips the eighth bit.</summary>
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'P', (byte)'H', (byte)'R', (byte)'M', 0x0d, 0x0a];

    private static ReadOnlySpan<byte> Domain => "phr/model/v1\0"u8;

    public static byte[] WriteBody(ModelParts parts)
    {
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartArray(Parts);
        writer.WriteByteString(parts.Schema.ToJson());
        parts.Preprocessor.Write(writer);
        parts.Scorer.Write(writer);
        parts.Calibrator.Write(writer);
        writer.WriteDouble(parts.Threshold);
        parts.Conformal.Write(writer);
        parts.Cohorts.Write(writer);
        parts.Familiarity.Write(writer);
        parts.Background.Write(writer);
        writer.WriteByteString(parts.Card.ToJson());
        writer.WriteEndArray();
        return writer.Encode();
    }

    public static ContentDigest DigestOf(ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Domain);
        hash.AppendData(body);
        Span<byte> digest = stackalloc byte[ContentDigest.Length];
        hash.GetHashAndReset(digest);
        return ContentDigest.FromBytes(digest);
    }

    public static byte[] Write(ReadOnlySpan<byte> body, ContentDigest digest, ModelSignature? signature)
    {
        var writer = new CborWriter(CborConformanceMode.Ctap2Canonical);
        writer.WriteStartArray(3);
        writer.WriteByteString(body);
        writer.WriteByteString(digest.ToBytes());
        if (signature is null)
        {
            writer.WriteStartArray(0);
        }
        else
        {
            writer.WriteStartArray(3);
            writer.WriteTextString(signature.Algorithm);
            writer.WriteByteString(signature.Signer.Span);
            writer.WriteByteString(signature.Value.Span);
        }

        writer.WriteEndArray();
        writer.WriteEndArray();
        byte[] file = new byte[Magic.Length + 1 + writer.BytesWritten];
        Magic.CopyTo(file);
        file[Magic.Length] = Version;
        writer.Encode(file.AsSpan(Magic.Length + 1));
        return file;
    }

    /// <summary>Reads a file. The signature is checked before any of the body is read.</summary>
    public static DiagnosisModel Read(ReadOnlyMemory<byte> file, IModelVerifier? verifier)
    {
        if (file.Length > MostBytes)
        {
            throw Error.TooLarge(file.Length);
        }

        ReadOnlySpan<byte> head = file.Span;
        if (!head[..Math.Min(head.Length, Magic.Length)].SequenceEqual(Magic))
        {
            throw Error.Foreign();
        }

        if (head.Length == Magic.Length)
        {
            throw Error.Truncated();
        }

        if (head[Magic.Length] != Version)
        {
            throw head[Magic.Length] > Version ? Error.Newer(head[Magic.Length]) : Error.Malformed();
        }

        byte[] body;
        ContentDigest digest;
        ModelSignature? signature = null;
        try
        {
            var reader = new CborReader(file[(Magic.Length + 1)..], CborConformanceMode.Ctap2Canonical);
            Expect(reader.ReadStartArray() == 3);
            body = reader.ReadByteString();
            byte[] stated = reader.ReadByteString();
            Expect(stated.Length == ContentDigest.Length);
            digest = ContentDigest.FromBytes(stated);
            int signed = reader.ReadStartArray() ?? -1;
            Expect(signed is 0 or 3);
            if (signed == 3)
            {
                signature = new ModelSignature(reader.ReadTextString(), reader.ReadByteString(), reader.ReadByteString());
            }

            reader.ReadEndArray();
            reader.ReadEndArray();
            if (reader.BytesRemaining != 0)
            {
                throw Error.Truncated();
            }
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or ArgumentException)
        {
            throw Error.Truncated();
        }

        if (DigestOf(body) != digest)
        {
            throw Error.Damaged();
        }

        if (verifier is not null)
        {
            if (signature is null)
            {
                throw Error.Unsigned();
            }

            if (!verifier.Verify(signature, digest))
            {
                throw Error.Untrusted();
            }
        }

        return new DiagnosisModel(ReadBody(body), body, digest, signature);
    }

    private static ModelParts ReadBody(byte[] body)
    {
        try
        {
            var reader = new CborReader(body, CborConformanceMode.Ctap2Canonical);
            Expect(reader.ReadStartArray() == Parts);
            FeatureSchema schema = FeatureSchema.FromJson(Bounded(reader, MostSchemaBytes));
            Preprocessor preprocessor = Preprocessor.Read(reader, schema);
            IScorer scorer = ScorerReader.Read(reader);
            ICalibrator calibrator = CalibratorReader.Read(reader);
            double threshold = Packed.ReadDouble(reader);
            int classes = schema.Classes.Count;
            ConformalScores conformal = ConformalScores.Read(reader, classes);
            CohortSet cohorts = CohortSet.Read(reader, classes, preprocessor.Outputs);
            Familiarity familiarity = Familiarity.Read(reader, schema, preprocessor.Outputs);
            Background background = Background.Read(reader, preprocessor.Outputs);
            ModelCard card = ModelCard.FromJson(Bounded(reader, MostCardBytes));
            reader.ReadEndArray();
            Expect(reader.BytesRemaining == 0);
            return new ModelParts(schema, preprocessor, scorer, calibrator, threshold, conformal, cohorts, familiarity, background, card);
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw Error.Malformed(e);
        }
    }

    private static ReadOnlySpan<byte> Bounded(CborReader reader, int most)
    {
        ReadOnlySpan<byte> bytes = reader.ReadDefiniteLengthByteString().Span;
        return bytes.Length <= most ? bytes : throw Error.Malformed();
    }

    private static void Expect(bool holds)
    {
        if (!holds)
        {
            throw Error.Malformed();
        }
    }
}
