using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Unicode;
using NSec.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Keys;

/// <summary>
/// The bytes of a key file (<c>docs/key-file-format.md</c>). The passphrase gives 64 bytes by Argon2id: a key for XChaCha20-Poly1305 and a
/// commitment, which pins the file to one key, because the cipher alone can be made to open under several. All but the ciphertext is associated data.
/// </summary>
internal static class KeyFileFormat
{
    /// <summary>The length of every file: 158.</summary>
    public const int Length = BodyOffset + RootLength + TagLength;

    /// <summary>The least memory that Argon2id works with, in KiB.</summary>
    public const int LeastMemoryKib = 8;

    /// <summary>The most UTF-16 units that a passphrase has.</summary>
    public const int MaxPassphraseLength = 1024;

    private const string Stage = "key file";
    private const byte Argon2idVersion13 = 1;
    private const int VersionOffset = 7;
    private const int KindOffset = 8;
    private const int GenerationOffset = 9;
    private const int ActorOffset = 11;
    private const int KdfOffset = ActorOffset + ActorId.Length;
    private const int MemoryOffset = KdfOffset + 1;
    private const int PassesOffset = MemoryOffset + 4;
    private const int LanesOffset = PassesOffset + 1;
    private const int SaltOffset = LanesOffset + 1;
    private const int SaltLength = 16;
    private const int NonceOffset = SaltOffset + SaltLength;
    private const int NonceLength = 24;
    private const int CommitmentOffset = NonceOffset + NonceLength;
    private const int CommitmentLength = 32;
    private const int BodyOffset = CommitmentOffset + CommitmentLength;
    private const int RootLength = IdentityKeys.RootSecretLength;
    private const int KeyLength = 32;
    private const int TagLength = 16;

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'P', (byte)'H', (byte)'R', (byte)'K', (byte)'\r', (byte)'\n', 1];

    /// <summary>Refuses a passphrase that no file is made with; a caller's mistake.</summary>
    public static void RequirePassphrase(ReadOnlySpan<char> passphrase)
    {
        if (passphrase.IsEmpty || passphrase.Length > MaxPassphraseLength)
        {
            throw new ArgumentException($"A passphrase has 1 to {MaxPassphraseLength} characters.", nameof(passphrase));
        }

        for (int i = 0; i < passphrase.Length; i++)
        {
            char c = passphrase[i];
            bool isPair = char.IsHighSurrogate(c) && i + 1 < passphrase.Length && char.IsLowSurrogate(passphrase[i + 1]);
            if (char.IsControl(c) || (char.IsSurrogate(c) && !isPair))
            {
                throw new ArgumentException("A passphrase has neither control characters, such as a line's end, nor half a surrogate pair.", nameof(passphrase));
            }

            i += isPair ? 1 : 0;
        }
    }

    /// <summary>Protects a root secret. The salt is fresh, so is the key.</summary>
    public static byte[] Seal(KeyFileInfo info, ReadOnlySpan<byte> rootSecret, ReadOnlySpan<char> passphrase, RandomSource random)
    {
        var file = new byte[Length];
        Magic.CopyTo(file);
        file[KindOffset] = (byte)info.Kind;
        BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(GenerationOffset), (ushort)info.Generation);
        info.Actor.CopyTo(file.AsSpan(ActorOffset));
        file[KdfOffset] = Argon2idVersion13;
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(MemoryOffset), info.MemoryKib);
        file[PassesOffset] = (byte)info.Passes;
        file[LanesOffset] = 1;
        random.Fill(file.AsSpan(SaltOffset, SaltLength + NonceLength));
        using SecretBytes keys = Stretch(info, passphrase, file.AsSpan(SaltOffset, SaltLength));
        keys.Reveal()[KeyLength..].CopyTo(file.AsSpan(CommitmentOffset));
        using Key key = Key.Import(AeadAlgorithm.XChaCha20Poly1305, keys.Reveal()[..KeyLength], KeyBlobFormat.RawSymmetricKey);
        AeadAlgorithm.XChaCha20Poly1305.Encrypt(key, file.AsSpan(NonceOffset, NonceLength), file.AsSpan(0, BodyOffset), rootSecret, file.AsSpan(BodyOffset));
        return file;
    }

    /// <summary>Reads what is in the clear, and refuses every cost that is out of bounds. Derives nothing.</summary>
    /// <param name="file">All bytes.</param>
    /// <param name="maxMemoryKib">The most memory that the file may ask for; tests lower it.</param>
    public static KeyFileInfo Parse(ReadOnlySpan<byte> file, int maxMemoryKib = KeyFileOptions.MaxMemoryKib)
    {
        if (file.Length != Length)
        {
            throw Fault(PhrDataReason.WrongLength, $"it does not have {Length} bytes.");
        }

        if (!file[..VersionOffset].SequenceEqual(Magic[..VersionOffset]))
        {
            throw Fault(PhrDataReason.Malformed, "it does not begin as a key file does.");
        }

        if (file[VersionOffset] != Magic[VersionOffset] || file[KdfOffset] != Argon2idVersion13)
        {
            throw Fault(PhrDataReason.UnknownVersion, "its version, or its way from passphrase to key, is not known.");
        }

        var kind = (KeyFileKind)file[KindOffset];
        if (kind is not (KeyFileKind.Identity or KeyFileKind.Patient))
        {
            throw Fault(PhrDataReason.OutOfRange, "it protects a kind of secret that is not known.");
        }

        uint memoryKib = BinaryPrimitives.ReadUInt32BigEndian(file[MemoryOffset..]);
        byte passes = file[PassesOffset];
        if (memoryKib < LeastMemoryKib || memoryKib > maxMemoryKib || passes is 0 or > KeyFileOptions.MaxPasses || file[LanesOffset] != 1)
        {
            throw Fault(PhrDataReason.OutOfRange, $"opening it would take more than {maxMemoryKib} KiB, {KeyFileOptions.MaxPasses} passes or one lane, or none at all.");
        }

        return new KeyFileInfo(
            kind,
            ActorId.FromBytes(file.Slice(ActorOffset, ActorId.Length)),
            BinaryPrimitives.ReadUInt16BigEndian(file[GenerationOffset..]),
            (int)memoryKib,
            passes);
    }

    /// <summary>Opens a file of the kind that the caller wants; the one failure after that tells no cause apart.</summary>
    /// <returns>What the file says, now proved, and the root secret, which the caller disposes.</returns>
    public static (KeyFileInfo Info, SecretBytes RootSecret) Open(
        ReadOnlySpan<byte> file, KeyFileKind kind, ReadOnlySpan<char> passphrase, int maxMemoryKib = KeyFileOptions.MaxMemoryKib)
    {
        KeyFileInfo info = Parse(file, maxMemoryKib);
        if (info.Kind != kind)
        {
            throw Fault(PhrDataReason.Mismatched, "it protects the keys of another kind of owner.");
        }

        using SecretBytes keys = StretchAsAsked(info, passphrase, file.Slice(SaltOffset, SaltLength));
        var root = new SecretBytes(RootLength);
        bool opens = CryptographicOperations.FixedTimeEquals(keys.Reveal()[KeyLength..], file.Slice(CommitmentOffset, CommitmentLength));
        if (opens)
        {
            using Key key = Key.Import(AeadAlgorithm.XChaCha20Poly1305, keys.Reveal()[..KeyLength], KeyBlobFormat.RawSymmetricKey);
            opens = AeadAlgorithm.XChaCha20Poly1305.Decrypt(key, file.Slice(NonceOffset, NonceLength), file[..BodyOffset], file[BodyOffset..], root.Reveal());
        }

        if (!opens)
        {
            root.Dispose();
            throw Fault(PhrDataReason.AuthenticationFailed, "the passphrase is not the file's, or the file was altered.");
        }

        return (info, root);
    }

    private static SecretBytes StretchAsAsked(KeyFileInfo info, ReadOnlySpan<char> passphrase, ReadOnlySpan<byte> salt)
    {
        try
        {
            return Stretch(info, passphrase, salt);
        }
        catch (CryptographicException e)
        {
            throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"this machine does not have the {info.MemoryKib} KiB that opening it takes.", e);
        }
    }

    /// <summary>Argon2id 1.3 over the passphrase in UTF-8: the key, then the commitment.</summary>
    private static SecretBytes Stretch(KeyFileInfo info, ReadOnlySpan<char> passphrase, ReadOnlySpan<byte> salt)
    {
        RequirePassphrase(passphrase);
        using var utf8 = new SecretBytes(3 * passphrase.Length);
        OperationStatus status = Utf8.FromUtf16(passphrase, utf8.Reveal(), out _, out int length, replaceInvalidSequences: false);
        if (status != OperationStatus.Done)
        {
            throw new ArgumentException("The passphrase has no UTF-8 form.", nameof(passphrase));
        }

        var argon2 = PasswordBasedKeyDerivationAlgorithm.Argon2id(
            new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = info.MemoryKib, NumberOfPasses = info.Passes });
        var keys = new SecretBytes(KeyLength + CommitmentLength);
        try
        {
            argon2.DeriveBytes(utf8.Reveal()[..length], salt, keys.Reveal());
            return keys;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(Stage, reason, detail);
}
