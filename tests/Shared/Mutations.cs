using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Phr.TestSupport;

/// <summary>
/// Damages valid inputs in the ways that hostile or broken peers do, and checks that a reader answers every one of them
/// with a value, with <see langword="false"/>, or with the one exception it promises.
/// </summary>
/// <remarks>
/// 10,000 inputs a run, 100,000 with <c>PHR_TEST_LONG=1</c>. The seed comes from the run's name, so a normal run always tries the same
/// inputs; a long run draws a fresh one, and <c>PHR_TEST_SEED</c> repeats any run. A failure prints the seed and the input, and keeps the
/// input in <c>TestResults/mutations/</c>.
/// </remarks>
internal static class Mutations
{
    private static readonly byte[] _edges = [0x00, 0xff, 0x7f, 0x80];

    /// <summary>How many damaged inputs a run tries.</summary>
    public static int Count => IsLong ? 100_000 : 10_000;

    private static bool IsLong => Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1";

    /// <summary>Runs <paramref name="read"/> over damaged copies of <paramref name="samples"/>.</summary>
    /// <param name="name">What is read, for messages and the seed: <c>capsule</c>.</param>
    /// <param name="samples">Valid inputs; the reader must accept each unchanged, else the run proves nothing.</param>
    /// <param name="read">The reader: true when it accepted the bytes, false when it refused them, or the expected exception.</param>
    /// <param name="isExpected">Says whether an exception is the one that the reader promises for bad input.</param>
    public static void Run(string name, IReadOnlyList<byte[]> samples, Func<byte[], bool> read, Func<Exception, bool> isExpected)
    {
        Assert.NotEmpty(samples);
        for (int i = 0; i < samples.Count; i++)
        {
            Assert.True(read([.. samples[i]]), $"{name}: sample {i} is not accepted as it is.");
        }

        ulong seed = Seed(name);
        var random = new XorShift(seed);
        for (int i = 0; i < Count; i++)
        {
            byte[] input = Mutate(samples, random);
            try
            {
                read([.. input]);
            }
            catch (Exception e) when (isExpected(e))
            {
            }
            catch (Exception e)
            {
                Assert.Fail(Report(name, seed, i, input, e));
            }
        }
    }

    private static byte[] Mutate(IReadOnlyList<byte[]> samples, XorShift random)
    {
        byte[] bytes = [.. samples[random.Below(samples.Count)]];
        int rounds = random.Below(4) == 0 ? 2 + random.Below(3) : 1;
        for (int i = 0; i < rounds; i++)
        {
            bytes = Mutate(bytes, samples, random);
        }

        return bytes;
    }

    private static byte[] Mutate(byte[] bytes, IReadOnlyList<byte[]> samples, XorShift random)
    {
        if (bytes.Length == 0)
        {
            return random.Bytes(1 + random.Below(64));
        }

        int at = random.Below(bytes.Length);
        int length = 1 + random.Below(Math.Min(64, bytes.Length - at));
        switch (random.Below(13))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Below(8));
                return bytes;
            case 1:
                bytes[at] = _edges[random.Below(_edges.Length)];
                return bytes;
            case 2:
                bytes[at] = random.Byte();
                return bytes;
            case 3: // truncate
                return bytes[..at];
            case 4: // extend
                return [.. bytes, .. random.Bytes(1 + random.Below(40))];
            case 5: // delete a range
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 6: // duplicate a range
                return [.. bytes[..(at + length)], .. bytes[at..]];
            case 7: // swap two ranges of one length
                return Swap(bytes, at, length, random);
            case 8: // splice with a second sample
                byte[] other = samples[random.Below(samples.Count)];
                return [.. bytes[..at], .. other[random.Below(other.Length + 1)..]];
            case 9: // overwrite a fixed-width length
                return OverwriteInteger(bytes, at, random);
            case 10: // claim a huge CBOR length or a wide MessagePack one
                return ClaimLength(bytes, at, random);
            case 11: // zero or fill a range
                Array.Fill(bytes, _edges[random.Below(_edges.Length)], at, length);
                return bytes;
            default:
                return random.Bytes(random.Below(2 * bytes.Length + 1));
        }
    }

    private static byte[] Swap(byte[] bytes, int at, int length, XorShift random)
    {
        int second = random.Below(bytes.Length - length + 1);
        if (Math.Abs(second - at) < length)
        {
            return [.. bytes[at..], .. bytes[..at]];
        }

        (int low, int high) = at < second ? (at, second) : (second, at);
        return [.. bytes[..low], .. bytes[high..(high + length)], .. bytes[(low + length)..high], .. bytes[low..(low + length)], .. bytes[(high + length)..]];
    }

    private static byte[] OverwriteInteger(byte[] bytes, int at, XorShift random)
    {
        ulong[] values = [0, 1, int.MaxValue, 0x8000_0000, uint.MaxValue, long.MaxValue, 0x8000_0000_0000_0000, ulong.MaxValue, (ulong)bytes.Length, (ulong)bytes.Length + 1];
        ulong value = values[random.Below(values.Length)];
        Span<byte> encoded = stackalloc byte[8];
        int width = 1 << random.Below(4);
        if (random.Below(2) == 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(encoded, value);
            encoded = encoded[(8 - width)..];
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(encoded, value);
            encoded = encoded[..width];
        }

        encoded[..Math.Min(width, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    private static byte[] ClaimLength(byte[] bytes, int at, XorShift random)
    {
        // The major type stays; its short count becomes a long one of 1, 2, 4 or 8 bytes, or the indefinite marker.
        int form = random.Below(5);
        byte head = (byte)((bytes[at] & 0xe0) | (form == 4 ? 0x1f : 0x18 + form));
        byte[] count = form == 4 ? [] : random.Below(2) == 0 ? Enumerable.Repeat((byte)0xff, 1 << form).ToArray() : random.Bytes(1 << form);
        return [.. bytes[..at], head, .. count, .. bytes[(at + 1)..]];
    }

    private static ulong Seed(string name)
    {
        if (Environment.GetEnvironmentVariable("PHR_TEST_SEED") is { Length: > 0 } given)
        {
            return ulong.Parse(given, CultureInfo.InvariantCulture);
        }

        return BinaryPrimitives.ReadUInt64BigEndian(IsLong ? RandomNumberGenerator.GetBytes(8) : SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }

    private static string Report(string name, ulong seed, int index, byte[] input, Exception exception)
    {
        string safeName = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        string file = RepositoryRoot.Combine("TestResults", "mutations", string.Create(CultureInfo.InvariantCulture, $"{safeName}-{seed}-{index}.bin"));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, input);
        return string.Create(CultureInfo.InvariantCulture, $"""
            {name}: damaged input {index} made the reader fail with {exception.GetType().FullName}, which it does not promise.
            Repeat with PHR_TEST_SEED={seed}. The input ({input.Length} bytes) is in {file}:
            {Convert.ToHexStringLower(input)}
            {exception}
            """);
    }

    /// <summary>xorshift64*: small, seeded, the same on every platform. Not for anything secret.</summary>
    private sealed class XorShift(ulong seed)
    {
        private ulong _state = seed == 0 ? 0x9e37_79b9_7f4a_7c15 : seed;

        public int Below(int bound) => (int)(Next() % (uint)bound);

        public byte Byte() => unchecked((byte)(Next() >> 24));

        public byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            for (int i = 0; i < count; i++)
            {
                bytes[i] = Byte();
            }

            return bytes;
        }

        private ulong Next()
        {
            unchecked
            {
                _state ^= _state >> 12;
                _state ^= _state << 25;
                _state ^= _state >> 27;
                return (_state * 0x2545_f491_4f6c_dd1d) >> 8;
            }
        }
    }
}
