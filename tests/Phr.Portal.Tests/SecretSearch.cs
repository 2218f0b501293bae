using System.Buffers.Binary;
using System.Diagnostics;
using System.Reflection;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>Looks for secrets in what lies on a disk, in a database or in a mail: as they are, in UTF-16, in hexadecimal, in base 64, and for recovery words also as their places in the list.</summary>
internal sealed class SecretSearch
{
    private const long LargestFile = 64 << 20;

    // So many words in a row are nobody's chance.
    private const int WordsInARow = 4;

    private readonly List<(string What, byte[] Bytes)> _forms = [];

    /// <summary>Bytes that nobody may find.</summary>
    public SecretSearch Add(string what, byte[] bytes)
    {
        _forms.Add((what, bytes));
        AddWritten(what, bytes);
        return this;
    }

    /// <summary>A text that nobody may find.</summary>
    public SecretSearch AddText(string what, string text)
    {
        Add(what, Encoding.UTF8.GetBytes(text));
        return Add($"{what} in UTF-16", Encoding.Unicode.GetBytes(text));
    }

    /// <summary>Recovery words of which nobody may find four in a row, at the beginning or further on, however they are put down.</summary>
    public SecretSearch AddWords(string what, IReadOnlyList<string> words)
    {
        ushort[] places = [.. words.Select(PlaceOf)];
        for (int from = 0; from + WordsInARow <= words.Count; from += Math.Max(1, words.Count / 3))
        {
            string[] some = [.. words.Skip(from).Take(WordsInARow)];
            ushort[] there = [.. places.Skip(from).Take(WordsInARow)];
            string which = $"{what}, from the {from + 1}th";
            foreach (string between in (string[])[" ", "\n", "\r\n", ",", ", ", "\",\"", ""])
            {
                AddText(which, string.Join(between, some));
            }

            foreach (string between in (string[])[" ", ",", ", "])
            {
                AddText($"{which}, as places", string.Join(between, there));
            }

            byte[] little = new byte[2 * there.Length], big = new byte[2 * there.Length];
            for (int i = 0; i < there.Length; i++)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(little.AsSpan(2 * i), there[i]);
                BinaryPrimitives.WriteUInt16BigEndian(big.AsSpan(2 * i), there[i]);
            }

            Add($"{which}, as places of two bytes", little);
            Add($"{which}, as places of two bytes, the high one first", big);
        }

        // Ten bits each, close together, from the first word on.
        var bits = new System.Numerics.BigInteger();
        int whole = places.Length / 4 * 4;
        foreach (ushort place in places.Take(whole))
        {
            bits = (bits << 10) | place;
        }

        byte[] close = new byte[whole / 4 * 5];
        bits.TryWriteBytes(close.AsSpan(close.Length - bits.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);

        // Of fewer words that is what chance writes, too.
        return close.Length < 16 ? this : Add($"{what}, ten bits each", close);
    }

    /// <summary>The keys of everybody who is there, and how many people they are.</summary>
    public int AddKeysOf(PortalHost portal)
    {
        int people = 0;
        foreach (KeyLease lease in portal.Services.GetRequiredService<KeyRing>().LeaseAll())
        {
            using (lease)
            {
                people++;
                byte[] root = new byte[32];
                lease.Keys.Main.ExportRootSecret(root);
                Add($"the root secret of {lease.Keys.UserId}", root);
                foreach (SecretKey key in (SecretKey[])[lease.Keys.Main.EnvelopeKey, lease.Keys.Main.LedgerKey, lease.Keys.Main.ReceivingKey, lease.Keys.Trustee.EnvelopeKey])
                {
                    byte[] bytes = new byte[SecretKey.Length];
                    key.ExportTo(bytes);
                    Add($"a secret key of {lease.Keys.UserId}", bytes);
                }
            }
        }

        return people;
    }

    /// <summary>What there is of the secrets.</summary>
    public IEnumerable<string> FindIn(string where, byte[] content) => _forms.Where(form => content.AsSpan().IndexOf(form.Bytes) >= 0).Select(form => $"{where}: {form.What}");

    /// <summary>What there is of the secrets in a folder and all below it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="control">Bytes that must be found somewhere in it, so that the search is known to search.</param>
    public async Task<IReadOnlyList<string>> FindInFolderAsync(string folder, byte[] control)
    {
        var found = new List<string>();
        bool isThere = false;
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            byte[] content = await ReadAsync(file);
            isThere |= content.AsSpan().IndexOf(control) >= 0;
            found.AddRange(FindIn(Path.GetRelativePath(folder, file), content));
        }

        Assert.True(isThere, $"{folder} does not have what must be there.");
        return found;
    }

    /// <summary>A file's bytes; none of one that is gone meanwhile, or that is a lock.</summary>
    public static async Task<byte[]> ReadAsync(string file)
    {
        try
        {
            // A lock is held, and empty.
            if (new FileInfo(file) is { Exists: true, Length: > 0 and <= LargestFile })
            {
                await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var memory = new MemoryStream();
                await stream.CopyToAsync(memory);
                return memory.ToArray();
            }
        }
        catch (FileNotFoundException)
        {
        }
        catch (IOException) when (!OperatingSystem.IsWindows())
        {
            return await ReadHeldAsync(file);
        }

        return [];
    }

    // What the portal holds for itself alone is held from programs that ask whether it is; a thief's does not ask.
    private static async Task<byte[]> ReadHeldAsync(string file)
    {
        using Process cat = Process.Start(new ProcessStartInfo("cat", ["--", file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var memory = new MemoryStream();
        await cat.StandardOutput.BaseStream.CopyToAsync(memory);
        await cat.WaitForExitAsync();
        Assert.True(cat.ExitCode == 0 || !File.Exists(file), $"{file} cannot be read.");
        return memory.ToArray();
    }

    private void AddWritten(string what, byte[] bytes)
    {
        foreach (string text in (string[])[Convert.ToHexStringLower(bytes), Convert.ToHexString(bytes)])
        {
            _forms.Add(($"{what} in hexadecimal", Encoding.ASCII.GetBytes(text)));
        }

        // Three alignments, without the ends that depend on what stands beside them.
        for (int skip = 0; skip < 3; skip++)
        {
            string text = Convert.ToBase64String(bytes.AsSpan(skip, (bytes.Length - skip) / 3 * 3));
            _forms.Add(($"{what} in base 64", Encoding.ASCII.GetBytes(text)));
        }
    }

    private static ushort PlaceOf(string word)
    {
        MethodInfo words = typeof(RecoveryWords).Assembly.GetType("Phr.Crypto.Recovery.WordList")!.GetMethod("TextVarTime")!;
        return (ushort)Enumerable.Range(0, 1024).First(i => (string)words.Invoke(null, [i])! == word);
    }
}
