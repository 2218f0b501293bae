using System.Security.Cryptography;
using System.Text;

namespace Phr.Samples.Portal;

/// <summary>
/// Seals the parts of one unfinished upload as envelopes (Phr.Crypto) to a key that was made for this upload alone. The key is among the patient's secrets, sealed under their keys: what lies on the disk opens nothing, and
/// when it is erased, no part opens any more.
/// </summary>
internal sealed class UploadSeal : IDisposable
{
    /// <summary>Where the secrets of unfinished uploads are among a patient's secrets.</summary>
    public const string Prefix = "portal-upload/";

    private const string Key = "/key";
    private const string Paper = "/paper";

    private readonly SecretKey _key;
    private readonly IdentityKeys _patient;
    private readonly string _once;

    private UploadSeal(string once, SecretKey key, IdentityKeys patient, UploadPaper paper)
    {
        _once = once;
        _key = key;
        _patient = patient;
        Content = paper;
    }

    /// <summary>Name and digests.</summary>
    public UploadPaper Content { get; }

    /// <summary>Makes a key for an upload and keeps it, with the paper, among the patient's secrets.</summary>
    public static async Task CreateAsync(string once, UploadPaper paper, UnlockedKeys keys, CancellationToken cancellationToken)
    {
        using SecretKey key = SecretKey.Generate();
        byte[] secret = GC.AllocateArray<byte>(SecretKey.Length, pinned: true);
        byte[] written = paper.ToBytes();
        try
        {
            key.ExportTo(secret);
            await keys.MainSecrets.PutAsync(Prefix + once + Paper, written, cancellationToken);
            await keys.MainSecrets.PutAsync(Prefix + once + Key, secret, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(written);
        }
    }

    /// <summary>Takes the key and the paper of an upload; null where they are not there or do not open.</summary>
    public static async Task<UploadSeal?> OpenAsync(string once, UnlockedKeys keys, CancellationToken cancellationToken)
    {
        try
        {
            using SecretValue? key = await keys.MainSecrets.GetAsync(Prefix + once + Key, cancellationToken);
            using SecretValue? paper = await keys.MainSecrets.GetAsync(Prefix + once + Paper, cancellationToken);
            return key is null || paper is null ? null : new UploadSeal(once, SecretKey.FromBytes(key.Bytes), keys.Main, UploadPaper.FromBytes(paper.Bytes));
        }
        catch (PhrDataException)
        {
            return null;
        }
    }

    /// <summary>Erases an upload's key and paper.</summary>
    public static async Task EraseAsync(string once, UnlockedKeys keys, CancellationToken cancellationToken)
    {
        await keys.MainSecrets.DeleteAsync(Prefix + once + Key, cancellationToken);
        await keys.MainSecrets.DeleteAsync(Prefix + once + Paper, cancellationToken);
    }

    /// <summary>Erases the secrets of uploads that are not there any more.</summary>
    public static async Task EraseOthersAsync(IReadOnlySet<string> known, UnlockedKeys keys, CancellationToken cancellationToken)
    {
        foreach (string name in await keys.MainSecrets.ListAsync(Prefix, cancellationToken))
        {
            if (!known.Contains(name.Split('/')[1]))
            {
                await keys.MainSecrets.DeleteAsync(name, cancellationToken);
            }
        }
    }

    /// <summary>Seals a part.</summary>
    public byte[] Seal(int part, ReadOnlySpan<byte> plaintext) => Envelope.Seal(_key.PublicKey, _patient.Id, _patient.PublicKeys.ObjectKey, ContextOf(part), plaintext);

    /// <summary>Opens a part.</summary>
    /// <exception cref="PhrDataException">It was altered, or is another.</exception>
    public EnvelopeContent Open(int part, ReadOnlySpan<byte> sealedPart) => Envelope.Open(_key, _patient.Id, _patient.PublicKeys.ObjectKey, ContextOf(part), sealedPart);

    public void Dispose() => _key.Dispose();

    private byte[] ContextOf(int part) => Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"phr/portal/upload-part/v1/{_once}/{part}"));
}
