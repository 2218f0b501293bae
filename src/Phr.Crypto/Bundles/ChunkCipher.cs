using System.Security.Cryptography;

namespace Phr.Crypto.Bundles;

/// <summary>Seals and opens the chunks of one document. Nothing is allocated per chunk.</summary>
/// <remarks>Source: STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over AES-256-GCM. Not thread safe.</remarks>
internal sealed class ChunkCipher : IDisposable
{
    private readonly AesGcm _aes;
    private readonly byte[] _associatedData;
    private readonly byte[] _nonce = new byte[DocumentCipher.NonceLength];

    public ChunkCipher(ReadOnlySpan<byte> encryptionKey, BundleId bundle, DocumentId document, Digest keyCommitment)
    {
        _aes = new AesGcm(encryptionKey, DocumentCipher.TagLength);
        _associatedData = [.. bundle.ToBytes(), .. document.ToBytes(), .. keyCommitment.ToBytes()];
    }

    /// <summary>Seals one chunk: ciphertext, then tag.</summary>
    public void Seal(long counter, bool last, ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        DocumentCipher.WriteNonce(_nonce, counter, last);
        _aes.Encrypt(_nonce, plaintext, destination[..plaintext.Length], destination.Slice(plaintext.Length, DocumentCipher.TagLength), _associatedData);
    }

    /// <summary>Opens one chunk. Without a valid tag nothing of the plaintext is left in <paramref name="destination"/>.</summary>
    public bool TryOpen(long counter, bool last, ReadOnlySpan<byte> chunk, Span<byte> destination)
    {
        int length = chunk.Length - DocumentCipher.TagLength;
        DocumentCipher.WriteNonce(_nonce, counter, last);
        try
        {
            _aes.Decrypt(_nonce, chunk[..length], chunk[length..], destination[..length], _associatedData);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(destination);
            return false;
        }
    }

    public void Dispose() => _aes.Dispose();
}
