using System.Buffers.Binary;
using System.Text;
using NSec.Cryptography;
using Phr.Crypto.Keys;
using Phr.Crypto.Memory;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Keys;

/// <summary>The format's bytes. The files here take 8 KiB and one pass, which no caller can ask for, so that thousands can be opened.</summary>
public class KeyFileFormatTests
{
    private const string Passphrase = "a passphrase";
    private static readonly byte[] Root = Enumerable.Range(1, 32).Select(i => (byte)i).ToArray();
    private static readonly ActorId Actor = ActorId.FromBytes(Enumerable.Range(100, 20).Select(i => (byte)i).ToArray());
    private static readonly KeyFileInfo Info = new(KeyFileKind.Identity, Actor, 0x0102, KeyFileFormat.LeastMemoryKib, 1);

    // The construction once more, from the text of docs/key-file-format.md.
    [Fact]
    public void Seal_ByTheFormatsText_IsTheSame()
    {
        byte[] file = Seal(Info);
        Assert.Equal(158, file.Length);
        Assert.Equal([0x89, 0x50, 0x48, 0x52, 0x4b, 0x0d, 0x0a, 0x01, 0x01, 0x01, 0x02, .. Actor.ToBytes(), 0x01, 0, 0, 0, 8, 1, 1], file[..38]);
        var argon2 = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = 8, NumberOfPasses = 1 });
        byte[] keys = argon2.DeriveBytes(Encoding.UTF8.GetBytes(Passphrase), file.AsSpan(38, 16), 64);
        Assert.Equal(keys[32..], file[78..110]);
        using Key key = Key.Import(AeadAlgorithm.XChaCha20Poly1305, keys.AsSpan(0, 32), KeyBlobFormat.RawSymmetricKey);
        Assert.Equal(Root, AeadAlgorithm.XChaCha20Poly1305.Decrypt(key, file.AsSpan(54, 24), file.AsSpan(0, 110), file.AsSpan(110)));
    }

    [Fact]
    public void Open_WhatWasSealed_GivesTheRootAndWhatTheFileSays()
    {
        (KeyFileInfo info, SecretBytes root) = KeyFileFormat.Open(Seal(Info), KeyFileKind.Identity, Passphrase);
        using (root)
        {
            Assert.Equal(Root, root.Reveal().ToArray());
        }

        Assert.Equal((Info.Kind, Info.Actor, Info.Generation, Info.MemoryKib, Info.Passes), (info.Kind, info.Actor, info.Generation, info.MemoryKib, info.Passes));
    }

    [Fact]
    public void Open_EveryBitFlipped_IsRefusedForTheReasonOfItsPlace()
    {
        byte[] file = Seal(Info);
        for (int bit = 0; bit < 8 * file.Length; bit++)
        {
            byte[] bad = [.. file];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            PhrDataReason reason = Thrown(bad).Reason;
            PhrDataReason[] expected = (bit / 8) switch
            {
                < 7 => [PhrDataReason.Malformed],
                7 or 31 => [PhrDataReason.UnknownVersion],
                8 => [PhrDataReason.OutOfRange, PhrDataReason.Mismatched],
                >= 32 and < 37 => [PhrDataReason.OutOfRange, PhrDataReason.AuthenticationFailed],
                37 => [PhrDataReason.OutOfRange],
                _ => [PhrDataReason.AuthenticationFailed],
            };
            Assert.Contains(reason, expected);
        }
    }

    [Theory]
    [InlineData(0u, 1, 1)]
    [InlineData(7u, 1, 1)]
    [InlineData(KeyFileOptions.MaxMemoryKib + 1u, 1, 1)]
    [InlineData(uint.MaxValue, 1, 1)]
    [InlineData(0x8000_0000u, 1, 1)]
    [InlineData(8u, 0, 1)]
    [InlineData(8u, 11, 1)]
    [InlineData(8u, 255, 1)]
    [InlineData(8u, 1, 0)]
    [InlineData(8u, 1, 2)]
    public void Parse_CostOutOfBounds_IsRefusedBeforeItIsPaid(uint memoryKib, byte passes, byte lanes)
    {
        byte[] file = WithCost(memoryKib, passes, lanes);
        Assert.Equal(PhrDataReason.OutOfRange, Assert.Throws<PhrDataException>(() => KeyFileFormat.Parse(file)).Reason);
        Assert.Equal(PhrDataReason.OutOfRange, Thrown(file).Reason);
    }

    [Theory]
    [InlineData(8u, 1)]
    [InlineData((uint)KeyFileOptions.MaxMemoryKib, KeyFileOptions.MaxPasses)]
    public void Parse_CostAtTheBounds_IsRead(uint memoryKib, byte passes)
    {
        KeyFileInfo info = KeyFileFormat.Parse(WithCost(memoryKib, passes, 1));
        Assert.Equal(((int)memoryKib, (int)passes), (info.MemoryKib, info.Passes));
    }

    // Both keys are right for the attacker's two passphrases; the commitment lets the file open for one at most.
    [Fact]
    public void Open_CommitmentOfAnotherPassphrase_IsRefused()
    {
        byte[] mine = KeyFileFormat.Seal(Info, Root, "one", new Sharing.StreamRandom("key file"));
        byte[] theirs = KeyFileFormat.Seal(Info, Root, "two", new Sharing.StreamRandom("key file"));
        Assert.Equal(mine[..78], theirs[..78]);
        byte[] mixed = [.. mine[..78], .. theirs[78..110], .. mine[110..]];
        Assert.Equal(PhrDataReason.AuthenticationFailed, Assert.Throws<PhrDataException>(() => KeyFileFormat.Open(mixed, KeyFileKind.Identity, "one")).Reason);
        Assert.Equal(PhrDataReason.AuthenticationFailed, Assert.Throws<PhrDataException>(() => KeyFileFormat.Open(mixed, KeyFileKind.Identity, "two")).Reason);
    }

    [Fact]
    public void Open_DamagedFiles_ThrowOnlyPhrDataException()
    {
        byte[] identity = Seal(Info);
        byte[] patient = Seal(new KeyFileInfo(KeyFileKind.Patient, Actor, 0, 16, 2));
        Mutations.Run(
            "key file",
            [identity, patient],
            bytes =>
            {
                KeyFileKind kind = KeyFileFormat.Parse(bytes, maxMemoryKib: 64).Kind;
                KeyFileFormat.Open(bytes, kind, Passphrase, maxMemoryKib: 64).RootSecret.Dispose();
                Assert.True(bytes.AsSpan().SequenceEqual(identity) || bytes.AsSpan().SequenceEqual(patient));
                return true;
            },
            e => e is PhrDataException);
    }

    [Fact]
    public void Parse_DamagedFilesAtTheRealBounds_ThrowOnlyPhrDataException() =>
        Mutations.Run("key file header", [Seal(Info)], bytes => KeyFileFormat.Parse(bytes).MemoryKib <= KeyFileOptions.MaxMemoryKib, e => e is PhrDataException);

    private static byte[] Seal(KeyFileInfo info) => KeyFileFormat.Seal(info, Root, Passphrase, RandomSource.System);

    private static byte[] WithCost(uint memoryKib, byte passes, byte lanes)
    {
        byte[] file = Seal(Info);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(32), memoryKib);
        file[36] = passes;
        file[37] = lanes;
        return file;
    }

    private static PhrDataException Thrown(byte[] file) =>
        Assert.Throws<PhrDataException>(() => KeyFileFormat.Open(file, KeyFileKind.Identity, Passphrase, maxMemoryKib: 64).RootSecret.Dispose());
}
