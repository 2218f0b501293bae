using System.Formats.Cbor;
using Phr.Crypto.Hashing;
using Phr.Crypto.Tests.Sharing;

namespace Phr.Crypto.Tests.Bundles;

/// <summary>A header's fields, free to be wrong, to be signed again: what a hostile patient could publish.</summary>
internal sealed class HeaderFields
{
    public string Tag { get; set; } = "phr/header/v1";

    public ulong Version { get; set; }

    public ulong Suite { get; set; }

    public ulong ChainId { get; set; }

    public byte[] Contract { get; set; } = [];

    public byte[] PatientId { get; set; } = [];

    public byte[] PatientKey { get; set; } = [];

    public byte[] BundleId { get; set; } = [];

    public ulong Sequence { get; set; }

    public byte[] Previous { get; set; } = [];

    public ulong CreatedAt { get; set; }

    public List<DocumentFields> Documents { get; set; } = [];

    public SearchFields? Search { get; set; }

    public static HeaderFields From(BundleHeader header) => new()
    {
        Version = 1,
        Suite = 1,
        ChainId = header.LedgerId.ChainId,
        Contract = header.LedgerId.Contract.ToBytes(),
        PatientId = header.PatientId.ToBytes(),
        PatientKey = header.PatientKey.ToBytes(),
        BundleId = header.BundleId.ToBytes(),
        Sequence = (ulong)header.Sequence,
        Previous = header.PreviousDigest is { } previous ? previous.ToBytes() : [],
        CreatedAt = (ulong)header.CreatedAt.ToUnixTimeSeconds(),
        Documents = [.. header.Documents.Select(DocumentFields.From)],
        Search = header.SearchIndex is { } index ? new(index) : null,
    };

    /// <summary>The payload, encoded with no care for what is in it.</summary>
    public byte[] Payload()
    {
        var writer = new CborWriter(CborConformanceMode.Lax);
        writer.WriteStartArray(Search is null ? 10 : 11);
        writer.WriteUInt64(Version);
        writer.WriteUInt64(Suite);
        writer.WriteStartArray(2);
        writer.WriteUInt64(ChainId);
        writer.WriteByteString(Contract);
        writer.WriteEndArray();
        writer.WriteByteString(PatientId);
        writer.WriteByteString(PatientKey);
        writer.WriteByteString(BundleId);
        writer.WriteUInt64(Sequence);
        writer.WriteByteString(Previous);
        writer.WriteUInt64(CreatedAt);
        writer.WriteStartArray(Documents.Count);
        foreach (DocumentFields document in Documents)
        {
            document.Write(writer);
        }

        writer.WriteEndArray();
        Search?.Write(writer);
        writer.WriteEndArray();
        return writer.Encode();
    }

    public byte[] Sign(PatientKeys patient) => Sign(patient, Tag, Payload());

    public static byte[] Sign(PatientKeys patient, string tag, byte[] payload)
    {
        Signer signer = patient.Identity.ObjectSigner;
        byte[] message = SignedObject.Message(tag, payload);
        return SignedObject.Encode(tag, payload, signer.Sign(message, new StreamRandom("header signature")));
    }

    internal sealed class SearchFields(SearchIndexReference reference)
    {
        public ulong Epoch { get; set; } = (ulong)reference.Epoch;

        public byte[] Salt { get; set; } = reference.Salt.ToArray();

        public byte[] Cid { get; set; } = reference.Cid.ToBytes();

        public ulong Length { get; set; } = (ulong)reference.Length;

        public void Write(CborWriter writer)
        {
            writer.WriteStartArray(4);
            writer.WriteUInt64(Epoch);
            writer.WriteByteString(Salt);
            writer.WriteByteString(Cid);
            writer.WriteUInt64(Length);
            writer.WriteEndArray();
        }
    }

    internal sealed class DocumentFields
    {
        public byte[] Id { get; set; } = [];

        public byte[] DelegatingKey { get; set; } = [];

        public byte[] Capsule { get; set; } = [];

        public byte[] WrappedKey { get; set; } = [];

        public byte[] Cid { get; set; } = [];

        public ulong Length { get; set; }

        public ulong ChunkSize { get; set; }

        public byte[] Commitment { get; set; } = [];

        public byte[] Salt { get; set; } = [];

        public List<byte[]> Labels { get; set; } = [];

        public byte[] SealedInfo { get; set; } = [];

        public List<(byte[] Key, byte[] Capsule, byte[] WrappedKey)> Recipients { get; set; } = [];

        public static DocumentFields From(BundleDocument document) => new()
        {
            Id = document.Id.ToBytes(),
            DelegatingKey = document.DelegatingKey.ToBytes(),
            Capsule = document.Capsule.ToSimpleBytes(),
            WrappedKey = document.WrappedKey.ToArray(),
            Cid = document.CiphertextCid.ToBytes(),
            Length = (ulong)document.CiphertextLength,
            ChunkSize = (ulong)document.ChunkSize,
            Commitment = document.KeyCommitment.ToBytes(),
            Salt = document.Salt.ToArray(),
            Labels = [.. document.VisibleLabels.Select(System.Text.Encoding.UTF8.GetBytes)],
            SealedInfo = document.SealedInfo.ToArray(),
            Recipients = [.. document.Recipients.Select(r => (r.Key.ToBytes(), r.Capsule.ToSimpleBytes(), r.WrappedKey.ToArray()))],
        };

        public void Write(CborWriter writer)
        {
            writer.WriteStartArray(12);
            writer.WriteByteString(Id);
            writer.WriteByteString(DelegatingKey);
            writer.WriteByteString(Capsule);
            writer.WriteByteString(WrappedKey);
            writer.WriteByteString(Cid);
            writer.WriteUInt64(Length);
            writer.WriteUInt64(ChunkSize);
            writer.WriteByteString(Commitment);
            writer.WriteByteString(Salt);
            writer.WriteStartArray(Labels.Count);
            foreach (byte[] label in Labels)
            {
                writer.WriteEncodedValue(TextString(label));
            }

            writer.WriteEndArray();
            writer.WriteByteString(SealedInfo);
            writer.WriteStartArray(Recipients.Count);
            foreach ((byte[] key, byte[] capsule, byte[] wrappedKey) in Recipients)
            {
                writer.WriteStartArray(3);
                writer.WriteByteString(key);
                writer.WriteByteString(capsule);
                writer.WriteByteString(wrappedKey);
                writer.WriteEndArray();
            }

            writer.WriteEndArray();
            writer.WriteEndArray();
        }

        // A text string of any bytes, also such as are not UTF-8.
        private static byte[] TextString(byte[] bytes)
        {
            var writer = new CborWriter(CborConformanceMode.Lax);
            writer.WriteByteString(bytes);
            byte[] encoded = writer.Encode();
            encoded[0] = (byte)((encoded[0] & 0x1f) | 0x60);
            return encoded;
        }
    }
}
