using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Phr.Crypto.Memory;

namespace Phr.Crypto;

/// <summary>A trustee's memory of the bundles it serves, small enough for words: 13 bytes for a bundle whose epoch is below 64, 32 more with its key.</summary>
/// <remarks>
/// <para>
/// A bundle and its patient are kept as short tags, 6 bytes each, under a key that only this trustee's root gives. So it answers questions about a bundle, and does
/// not list the bundles; and nobody who has not the root can make a bundle or a patient's key of the same tag but by chance, one in 2^48.
/// </para>
/// <para>Bytes: <c>docs/recovery.md</c>. Secret, because it may hold epoch keys. Thread safe until disposed.</para>
/// </remarks>
[DebuggerDisplay("{Count} bundles")]
public sealed class TrusteeMemory : IDisposable
{
    /// <summary>The most bundles: 32.</summary>
    public const int MaxBundles = 32;

    internal const string Stage = "trustee memory";

    private const int TagLength = 6;
    private const int EntryHead = 2 * TagLength;

    private readonly SecretBytes _bytes;

    private TrusteeMemory(SecretBytes bytes)
    {
        _bytes = bytes;
        Count = bytes.Reveal()[0];
    }

    /// <summary>How many bundles it remembers.</summary>
    public int Count { get; }

    /// <summary>Length in bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>Puts a memory together.</summary>
    /// <param name="identity">The trustee.</param>
    /// <param name="bundles">What it remembers, at most 32 bundles, none twice.</param>
    /// <param name="earlier">An earlier memory of the same trustee, of which everything is kept that <paramref name="bundles"/> has not, and of epochs the higher; null for none.</param>
    /// <returns>The memory. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">A bundle is null or occurs twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are too many.</exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public static TrusteeMemory Create(IdentityKeys identity, IEnumerable<EpochMemory> bundles, TrusteeMemory? earlier = null)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(bundles);
        EpochMemory[] all = [.. bundles];
        if (Array.Exists(all, b => b is null) || all.Select(b => b.Bundle).Distinct().Count() != all.Length)
        {
            throw new ArgumentException("A bundle is null or occurs twice.", nameof(bundles));
        }

        var entries = new SortedDictionary<string, SecretBytes>(StringComparer.Ordinal);
        try
        {
            earlier?.CopyEntries(entries);
            foreach (EpochMemory memory in all)
            {
                SecretBytes entry = Encode(identity, memory);
                string tag = TagOf(entry.Reveal());
                if (entries.Remove(tag, out SecretBytes? old) && EpochOf(old.Reveal()) > memory.Epoch)
                {
                    (entry, old) = (old, entry);
                }

                old?.Dispose();
                entries.Add(tag, entry);
            }

            ArgumentOutOfRangeException.ThrowIfGreaterThan(entries.Count, MaxBundles, nameof(bundles));
            return Join(entries);
        }
        finally
        {
            foreach (SecretBytes entry in entries.Values)
            {
                entry.Dispose();
            }
        }
    }

    /// <summary>Reads a memory. The caller wipes <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What <see cref="ExportTo"/> wrote.</param>
    /// <returns>The memory. The caller disposes it.</returns>
    /// <exception cref="PhrDataException">The bytes are no memory.</exception>
    public static TrusteeMemory FromBytes(ReadOnlySpan<byte> bytes)
    {
        RequireValid(bytes);
        return new TrusteeMemory(new SecretBytes(bytes));
    }

    /// <summary>Reads a memory, without an exception.</summary>
    /// <param name="bytes">What <see cref="ExportTo"/> wrote.</param>
    /// <param name="memory">The memory, or null. The caller disposes it.</param>
    /// <returns>Whether the bytes were a memory.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TrusteeMemory? memory)
    {
        try
        {
            memory = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            memory = null;
            return false;
        }
    }

    /// <summary>Copies the bytes out, for storage under protection. The caller wipes the copy.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public void ExportTo(Span<byte> destination) => _bytes.Reveal().CopyTo(destination);

    /// <summary>What is remembered of a bundle.</summary>
    /// <param name="identity">The trustee whose memory it is.</param>
    /// <param name="bundle">The bundle.</param>
    /// <param name="patientKey">The key that signs its dealing.</param>
    /// <returns>What is remembered, or null when nothing is.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="identity"/> or <paramref name="patientKey"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The memory or the keys were disposed.</exception>
    public RememberedEpoch? Find(IdentityKeys identity, BundleId bundle, PublicKey patientKey)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(patientKey);
        ReadOnlySpan<byte> entry = FindEntry(identity, bundle);
        if (entry.IsEmpty)
        {
            return null;
        }

        _ = ReadNumber(entry[EntryHead..], out ulong head);
        return new RememberedEpoch((uint)(head >> 1), entry.Slice(TagLength, TagLength).SequenceEqual(PatientTag(identity, bundle, patientKey)));
    }

    /// <summary>The envelope key that was written down with a bundle.</summary>
    /// <param name="identity">The trustee whose memory it is.</param>
    /// <param name="bundle">The bundle.</param>
    /// <param name="epoch">The epoch that it is for.</param>
    /// <returns>The key, which the caller disposes, or null when none was written down for that epoch.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="identity"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The memory or the keys were disposed.</exception>
    public SecretKey? FindEpochKey(IdentityKeys identity, BundleId bundle, uint epoch)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ReadOnlySpan<byte> entry = FindEntry(identity, bundle);
        if (entry.IsEmpty)
        {
            return null;
        }

        int length = ReadNumber(entry[EntryHead..], out ulong head);
        return head == (((ulong)epoch << 1) | 1) ? SecretKey.FromBytes(entry.Slice(EntryHead + length, SecretKey.Length)) : null;
    }

    /// <summary>What this memory and another of the same trustee remember together: of a bundle that both have, the higher epoch, and of equal epochs the entry that has the key.</summary>
    /// <param name="other">The other memory.</param>
    /// <returns>The memory. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="other"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Together they have more than 32 bundles.</exception>
    /// <exception cref="ObjectDisposedException">A memory was disposed.</exception>
    public TrusteeMemory Merge(TrusteeMemory other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var entries = new SortedDictionary<string, SecretBytes>(StringComparer.Ordinal);
        var others = new SortedDictionary<string, SecretBytes>(StringComparer.Ordinal);
        try
        {
            CopyEntries(entries);
            other.CopyEntries(others);
            foreach ((string tag, SecretBytes entry) in others)
            {
                if (!entries.TryGetValue(tag, out SecretBytes? own) || HeadOf(own.Reveal()) < HeadOf(entry.Reveal()))
                {
                    own?.Dispose();
                    entries[tag] = new SecretBytes(entry.Reveal());
                }
            }

            ArgumentOutOfRangeException.ThrowIfGreaterThan(entries.Count, MaxBundles, nameof(other));
            return Join(entries);
        }
        finally
        {
            foreach (SecretBytes entry in entries.Values.Concat(others.Values))
            {
                entry.Dispose();
            }
        }
    }

    /// <summary>The same memory without the envelope keys, for a list that may outlive their epochs.</summary>
    /// <returns>The memory. The caller disposes it.</returns>
    /// <exception cref="ObjectDisposedException">The memory was disposed.</exception>
    public TrusteeMemory WithoutEpochKeys()
    {
        using var bytes = new SecretBytes(_bytes.Length);
        ReadOnlySpan<byte> rest = _bytes.Reveal()[1..];
        Span<byte> written = bytes.Reveal();
        written[0] = (byte)Count;
        int at = 1;
        for (int i = 0; i < Count; i++)
        {
            rest[..EntryHead].CopyTo(written[at..]);
            _ = ReadNumber(rest[EntryHead..], out ulong head);
            at += EntryHead + WriteNumber(head & ~1UL, written[(at + EntryHead)..]);
            rest = rest[EntryLength(rest)..];
        }

        return new TrusteeMemory(new SecretBytes(written[..at]));
    }

    /// <summary>Wipes it.</summary>
    public void Dispose() => _bytes.Dispose();

    /// <summary>The type's name; never its content.</summary>
    /// <returns><c>TrusteeMemory</c>.</returns>
    public override string ToString() => nameof(TrusteeMemory);

    private static void RequireValid(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] > MaxBundles)
        {
            throw new PhrDataException(Stage, PhrDataReason.OutOfRange, $"it says nothing, or names more than {MaxBundles} bundles.");
        }

        ReadOnlySpan<byte> rest = bytes[1..], last = [];
        for (int i = 0; i < bytes[0]; i++)
        {
            int number = rest.Length > EntryHead ? ReadNumber(rest[EntryHead..], out ulong head) : ReadNumber([], out head);
            int length = EntryHead + number + ((head & 1) != 0 ? SecretKey.Length : 0);
            if (number == 0 || rest.Length < length)
            {
                throw new PhrDataException(Stage, PhrDataReason.Truncated, "it ends within a bundle, or has an epoch that is none.");
            }

            if (i > 0 && last.SequenceCompareTo(rest[..TagLength]) >= 0)
            {
                throw new PhrDataException(Stage, PhrDataReason.NonCanonical, "its bundles are not in order.");
            }

            if ((head & 1) != 0)
            {
                using SecretKey key = SecretKey.FromBytes(rest[(EntryHead + number)..length]);
            }

            last = rest[..TagLength];
            rest = rest[length..];
        }

        if (!rest.IsEmpty)
        {
            throw new PhrDataException(Stage, PhrDataReason.NonCanonical, "bytes follow its end.");
        }
    }

    private static TrusteeMemory Join(SortedDictionary<string, SecretBytes> entries)
    {
        var bytes = new SecretBytes(1 + entries.Values.Sum(e => e.Length));
        bytes.Reveal()[0] = (byte)entries.Count;
        int at = 1;
        foreach (SecretBytes entry in entries.Values)
        {
            entry.Reveal().CopyTo(bytes.Reveal()[at..]);
            at += entry.Length;
        }

        return new TrusteeMemory(bytes);
    }

    private ReadOnlySpan<byte> FindEntry(IdentityKeys identity, BundleId bundle)
    {
        byte[] tag = BundleTag(identity, bundle);
        ReadOnlySpan<byte> rest = _bytes.Reveal()[1..];
        for (int i = 0; i < Count; i++)
        {
            int length = EntryLength(rest);
            if (rest[..TagLength].SequenceEqual(tag))
            {
                return rest[..length];
            }

            rest = rest[length..];
        }

        return [];
    }

    private static SecretBytes Encode(IdentityKeys identity, EpochMemory memory)
    {
        ulong head = Head(memory);
        var entry = new SecretBytes(EntryHead + NumberLength(head) + (memory.EpochKey is null ? 0 : SecretKey.Length));
        Span<byte> bytes = entry.Reveal();
        BundleTag(identity, memory.Bundle).CopyTo(bytes);
        PatientTag(identity, memory.Bundle, memory.PatientKey).CopyTo(bytes[TagLength..]);
        int length = WriteNumber(head, bytes[EntryHead..]);
        memory.EpochKey?.ExportTo(bytes[(EntryHead + length)..]);
        return entry;
    }

    private void CopyEntries(SortedDictionary<string, SecretBytes> entries)
    {
        ReadOnlySpan<byte> rest = _bytes.Reveal()[1..];
        for (int i = 0; i < Count; i++)
        {
            int length = EntryLength(rest);
            entries.Add(TagOf(rest), new SecretBytes(rest[..length]));
            rest = rest[length..];
        }
    }

    private static int EntryLength(ReadOnlySpan<byte> entry) =>
        EntryHead + ReadNumber(entry[EntryHead..], out ulong head) + ((head & 1) != 0 ? SecretKey.Length : 0);

    private static uint EpochOf(ReadOnlySpan<byte> entry) => (uint)(HeadOf(entry) >> 1);

    private static ulong HeadOf(ReadOnlySpan<byte> entry)
    {
        _ = ReadNumber(entry[EntryHead..], out ulong head);
        return head;
    }

    // Hexadecimal text sorts as the bytes do.
    private static string TagOf(ReadOnlySpan<byte> entry) => Convert.ToHexStringLower(entry[..TagLength]);

    private static byte[] BundleTag(IdentityKeys identity, BundleId bundle) => Tag(identity, bundle.ToBytes());

    private static byte[] PatientTag(IdentityKeys identity, BundleId bundle, PublicKey patientKey) => Tag(identity, [.. bundle.ToBytes(), .. patientKey.ToBytes()]);

    private static byte[] Tag(IdentityKeys identity, byte[] input)
    {
        using SecretBytes key = identity.DeriveSecret("phr/trustee-memory/v1"u8);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key.Reveal()[..32], input, mac);
        return mac[..TagLength].ToArray();
    }

    // Epoch and whether a key follows, in one number.
    private static ulong Head(EpochMemory memory) => ((ulong)memory.Epoch << 1) | (memory.EpochKey is null ? 0UL : 1UL);

    private static int NumberLength(ulong value)
    {
        int length = 1;
        for (; value >= 0x80; value >>= 7)
        {
            length++;
        }

        return length;
    }

    private static int WriteNumber(ulong value, Span<byte> destination)
    {
        int length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[length++] = (byte)((value & 0x7f) | 0x80);
        }

        destination[length++] = (byte)value;
        return length;
    }

    // Seven bits a byte, the lowest first, in the shortest form; at most 33 bits. 0 bytes read: it is none.
    private static int ReadNumber(ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (int i = 0; i < Math.Min(bytes.Length, 5); i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                return (i > 0 && bytes[i] == 0) || value > ((ulong)uint.MaxValue << 1 | 1) ? 0 : i + 1;
            }
        }

        return 0;
    }
}
