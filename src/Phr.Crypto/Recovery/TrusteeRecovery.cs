using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Recovery;

namespace Phr.Crypto;

/// <summary>A trustee's identity and its memory of epochs as one list of words.</summary>
/// <remarks>
/// <para>
/// The list brings back the keys, and the memory without which a ledger that was turned back could make the trustee serve an old epoch. The
/// sealed shares are not in it: they are in the exchange, and open with the epoch key, which is either written down too
/// (<see cref="EpochMemory.EpochKey"/>) or kept in a copy of the trustee's <see cref="FileSecretStore"/>, which opens with the restored identity.
/// A trustee with neither asks for a new epoch.
/// </para>
/// <para>
/// Words: 39 for the identity alone, about 11 more for each bundle, about 36 more for each with its epoch key; 55 for an identity that does not
/// have the id of its first key. Bytes: <c>docs/recovery.md</c>. Thread safe.
/// </para>
/// </remarks>
public static class TrusteeRecovery
{
    private const byte Version = 0x10;
    private const byte HasActor = 0x01;
    private const int CheckLength = 4;

    /// <summary>Writes a trustee down.</summary>
    /// <param name="identity">The trustee's keys.</param>
    /// <param name="memory">What it remembers; <see cref="TrusteeMemory.Create"/> of this identity.</param>
    /// <param name="passphrase">Printable ASCII, at most 1,024 characters; empty for none. The caller wipes it.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The list. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="identity"/> or <paramref name="memory"/> is null.</exception>
    /// <exception cref="ArgumentException">The passphrase has other characters.</exception>
    /// <exception cref="InvalidOperationException">The memory is too long for a list of words: leave the epoch keys out, or some bundles.</exception>
    /// <exception cref="ObjectDisposedException">Something was disposed.</exception>
    public static RecoveryWords ToWords(IdentityKeys identity, TrusteeMemory memory, ReadOnlySpan<char> passphrase = default, RecoveryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(memory);
        using SecretBytes record = Encode(identity, memory);
        using RecoveryWordsSet set = Slip39.Split(record.Reveal(), Slip39.Single, passphrase, options);
        using SecretBytes value = set.Lists[0].ReadValue();
        return RecoveryWords.Create(set.Lists[0].Header, value.Reveal());
    }

    /// <summary>Gives a trustee back.</summary>
    /// <param name="words">The trustee's list. The caller disposes it.</param>
    /// <param name="passphrase">The passphrase that the list was made with; empty for none. The caller wipes it.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The trustee. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="words"/> is null.</exception>
    /// <exception cref="ArgumentException">The passphrase has characters that no passphrase has.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    /// <exception cref="PhrDataException">
    /// The list is not enough by itself, or it does not open: another passphrase, or no trustee's list
    /// (<see cref="PhrDataReason.AuthenticationFailed"/>).
    /// </exception>
    public static RecoveredTrustee FromWords(RecoveryWords words, ReadOnlySpan<char> passphrase = default, RecoveryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(words);
        using SecretBytes record = Slip39.CombineSecret([words], passphrase, options);
        return Decode(record.Reveal());
    }

    /// <summary>Gives a trustee back, without an exception for a list that does not open.</summary>
    /// <param name="words">The trustee's list. The caller disposes it.</param>
    /// <param name="passphrase">The passphrase that the list was made with; empty for none. The caller wipes it.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="trustee">The trustee, or null. The caller disposes it.</param>
    /// <returns>Whether the list opened.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="words"/> is null.</exception>
    /// <exception cref="ArgumentException">The passphrase has characters that no passphrase has.</exception>
    /// <exception cref="ObjectDisposedException">The list was disposed.</exception>
    public static bool TryFromWords(RecoveryWords words, ReadOnlySpan<char> passphrase, RecoveryOptions? options, [NotNullWhen(true)] out RecoveredTrustee? trustee)
    {
        try
        {
            trustee = FromWords(words, passphrase, options);
            return true;
        }
        catch (PhrDataException)
        {
            trustee = null;
            return false;
        }
    }

    internal static SecretBytes Encode(IdentityKeys identity, TrusteeMemory memory)
    {
        using SecretBytes root = new(IdentityKeys.RootSecretLength);
        identity.ExportRootSecret(root.Reveal());
        bool hasActor = !OwnsItsFirstKey(identity, root.Reveal());
        int length = 3 + root.Length + (hasActor ? ActorId.Length : 0) + memory.Length + CheckLength;
        if (length + (length % 2) > Slip39.MaxSecretLength)
        {
            throw new InvalidOperationException($"The trustee's memory takes {length} bytes with its keys, and a list of words carries {Slip39.MaxSecretLength}. Leave the epoch keys out, or some bundles.");
        }

        var record = new SecretBytes(length + (length % 2));
        Span<byte> bytes = record.Reveal();
        bytes[0] = (byte)(Version | (hasActor ? HasActor : 0));
        bytes[1] = (byte)(identity.Generation >> 8);
        bytes[2] = (byte)(identity.Generation & 0xff);
        root.Reveal().CopyTo(bytes[3..]);
        int at = 3 + root.Length;
        if (hasActor)
        {
            identity.Id.ToBytes().CopyTo(bytes[at..]);
            at += ActorId.Length;
        }

        memory.ExportTo(bytes[at..]);
        WriteCheck(bytes[..^CheckLength], bytes[^CheckLength..]);
        return record;
    }

    internal static RecoveredTrustee Decode(ReadOnlySpan<byte> record)
    {
        // Everything that a wrong passphrase could give fails alike.
        var failure = new PhrDataException(WordsFormat.Stage, PhrDataReason.AuthenticationFailed, "they do not open: the passphrase is another one, or the words are not a trustee's.");
        Span<byte> check = stackalloc byte[CheckLength];
        int head = 3 + IdentityKeys.RootSecretLength;
        if (record.Length < head + 1 + CheckLength)
        {
            throw failure;
        }

        WriteCheck(record[..^CheckLength], check);
        if (!CryptographicOperations.FixedTimeEquals(check, record[^CheckLength..]) || (record[0] & ~HasActor) != Version)
        {
            throw failure;
        }

        bool hasActor = (record[0] & HasActor) != 0;
        int generation = (record[1] << 8) | record[2];
        ActorId? actor = null;
        if (hasActor)
        {
            if (record.Length < head + ActorId.Length + 1 + CheckLength)
            {
                throw failure;
            }

            actor = ActorId.FromBytes(record.Slice(head, ActorId.Length));
            head += ActorId.Length;
        }

        TrusteeMemory memory = ReadMemory(record[head..^CheckLength]) ?? throw failure;
        try
        {
            return new RecoveredTrustee(IdentityKeys.FromRootSecret(record.Slice(3, IdentityKeys.RootSecretLength), actor, generation), memory);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    // The memory says its own length; one zero byte after it makes the whole even.
    private static TrusteeMemory? ReadMemory(ReadOnlySpan<byte> bytes) =>
        TrusteeMemory.TryFromBytes(bytes, out TrusteeMemory? memory) ? memory
        : bytes.Length > 1 && bytes[^1] == 0 && TrusteeMemory.TryFromBytes(bytes[..^1], out memory) ? memory
        : null;

    private static bool OwnsItsFirstKey(IdentityKeys identity, ReadOnlySpan<byte> root)
    {
        using SecretKeyFactory factory = SecretKeyFactory.FromSeed(root);
        using SecretKey first = IdentityKeys.MakeLedgerKey(factory, 0);
        return ActorId.FromPublicKey(first.PublicKey) == identity.Id;
    }

    private static void WriteCheck(ReadOnlySpan<byte> record, Span<byte> destination)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.AppendData("phr/trustee-words/v1"u8);
        hash.AppendData(record);
        hash.GetHashAndReset(digest);
        digest[..CheckLength].CopyTo(destination);
        CryptographicOperations.ZeroMemory(digest);
    }
}
