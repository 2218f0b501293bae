using System.Buffers.Binary;
using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Search;

/// <summary>How the entries of one term are made: docs/search-format.md §4. A simulation in the tests takes its place.</summary>
internal interface ITermEntries
{
    /// <summary>Writes label and sealed document id of the term's document number <paramref name="index"/>.</summary>
    void Write(int index, DocumentId document, Span<byte> entry);
}

/// <summary>The keys of one term of one index, from its token key.</summary>
internal sealed class TermKeys : ITermEntries, IDisposable
{
    /// <summary>Length of a token key.</summary>
    public const int TokenLength = SHA256.HashSizeInBytes;

    private const int HalfLength = 32;

    private readonly SecretBytes _keys = new(2 * HalfLength);
    private readonly AesGcm _aes;

    public TermKeys(ReadOnlySpan<byte> tokenKey)
    {
        HKDF.Expand(HashAlgorithmName.SHA256, tokenKey, _keys.Reveal(), "phr/search/term/v1"u8);
        _aes = new AesGcm(_keys.Reveal()[HalfLength..], SearchIndexForm.TagLength);
    }

    /// <summary>K_w: a term's token key under an index key.</summary>
    public static SecretBytes DeriveToken(ReadOnlySpan<byte> indexKey, SearchTerm term)
    {
        var token = new SecretBytes(TokenLength);
        HMACSHA256.HashData(indexKey, term.ToKeyedBytes(), token.Reveal());
        return token;
    }

    public void Label(int index, Span<byte> label)
    {
        Span<byte> counter = stackalloc byte[4];
        Span<byte> mac = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt32BigEndian(counter, index);
        HMACSHA256.HashData(_keys.Reveal()[..HalfLength], counter, mac);
        mac[..SearchIndexForm.LabelLength].CopyTo(label);
    }

    public void Write(int index, DocumentId document, Span<byte> entry)
    {
        Label(index, entry);
        Span<byte> value = entry[SearchIndexForm.LabelLength..];
        Span<byte> id = stackalloc byte[DocumentId.Length];
        document.CopyTo(id);
        _aes.Encrypt(Nonce(index, stackalloc byte[12]), id, value[..DocumentId.Length], value[DocumentId.Length..SearchIndexForm.ValueLength]);
    }

    /// <summary>Opens a value; false when it is not what this term's writer sealed there.</summary>
    public bool TryOpen(int index, ReadOnlySpan<byte> value, out DocumentId document)
    {
        Span<byte> id = stackalloc byte[DocumentId.Length];
        try
        {
            _aes.Decrypt(Nonce(index, stackalloc byte[12]), value[..DocumentId.Length], value[DocumentId.Length..], id);
        }
        catch (AuthenticationTagMismatchException)
        {
            document = default;
            return false;
        }

        document = DocumentId.FromBytes(id);
        return true;
    }

    public void Dispose()
    {
        _aes.Dispose();
        _keys.Dispose();
    }

    public override string ToString() => nameof(TermKeys);

    // A value key seals each number at most once, in one index: see SearchIndexWriter.
    private static Span<byte> Nonce(int index, Span<byte> nonce)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt32BigEndian(nonce[8..], index);
        return nonce;
    }
}
