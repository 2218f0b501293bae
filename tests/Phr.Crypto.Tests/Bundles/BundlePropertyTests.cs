using System.Buffers.Binary;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto.Bundles;
using Phr.Crypto.Envelopes;

namespace Phr.Crypto.Tests.Bundles;

public class BundlePropertyTests
{
    [Fact]
    public void TryPaddedLength_AnyLength_InvertsCiphertextLengthAndRefusesTheRest() =>
        Prop.ForAll(
            Gen.OneOf(Gen.Choose(0, 400_000).Select(i => (long)i), Gen.Choose(0, int.MaxValue).Select(i => i * 513L)).ToArbitrary(),
            length =>
            {
                bool valid = DocumentCipher.TryPaddedLength(length, out long padded);
                long chunks = Math.Max(1, (length + 65_551) / 65_552), last = length - ((chunks - 1) * 65_552);
                bool expected = length <= DocumentCipher.MaxCiphertextLength && (last > 16 || length == 16);
                return valid == expected && (!valid || DocumentCipher.CiphertextLength(padded) == length);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void Padme_AnyLength_AddsAtMostATwelfthAndIsItsOwnPadding() =>
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).Select(i => i * 511L).ToArbitrary(),
            length =>
            {
                long padded = Padme.PaddedLength(length);
                return padded >= length && (padded - length) * 100 <= length * 12 && Padme.PaddedLength(padded) == padded;
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void Seal_AnyContents_OpenToTheSame() =>
        Prop.ForAll(
            Gen.ListOf(Gen.Choose(0, 200_000), 3).ToArbitrary(),
            sizes =>
            {
                using var scene = new BundleScene($"property {string.Join(' ', sizes)}");
                byte[][] contents = [.. sizes.Select(RandomNumberGenerator.GetBytes)];
                BundleHeader header = scene.SealAsync(contents).GetAwaiter().GetResult();
                BundleReader reader = scene.OpenAsync(header).GetAwaiter().GetResult();
                return header.Documents.Zip(contents).All(pair =>
                {
                    using var opened = new MemoryStream();
                    reader.DecryptAsync(pair.First.Id, scene.Patient, opened).GetAwaiter().GetResult();
                    return opened.ToArray().AsSpan().SequenceEqual(pair.Second) && header.ProveDocument(pair.First.Id).Verify(header.DocumentsRoot);
                });
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(15));

    [Fact]
    public async Task OpenAsync_AnyByteOfAFileFlipped_IsRefused()
    {
        byte[] file = await File.ReadAllBytesAsync(Path.Combine(BundleVectorFile.Folder, "empty.phrb"));
        using PatientKeys patient = PatientKeys.FromRecoverySecret(Convert.FromHexString(BundleVectorFile.Read("file").PatientRecoverySecret));
        for (int at = 0; at < file.Length; at++)
        {
            byte[] altered = [.. file];
            altered[at] ^= (byte)(1 << (at % 8));
            PhrDataException e = await Assert.ThrowsAsync<PhrDataException>(async () =>
            {
                await using BundleReader reader = await BundleReader.OpenAsync(new MemoryStream(altered), patient.PublicKeys);
                await reader.DecryptAsync(reader.Header.Documents[0].Id, patient, Stream.Null);
            });
            Assert.Contains(e.Stage, (string[])["bundle file", "bundle header"]);
        }
    }

    [Fact]
    public async Task FromBytes_AnyByteOfAPayloadFlippedAndSignedAgain_NeverOpensToOtherContent()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync(BundleScene.Content(1000));
        byte[] payload = HeaderFields.From(header).Payload();
        int opened = 0;
        for (int at = 0; at < payload.Length; at++)
        {
            byte[] altered = [.. payload];
            altered[at] ^= (byte)(1 << (at % 8));
            if (!BundleHeader.TryFromBytes(HeaderFields.Sign(scene.Patient, "phr/header/v1", altered), out BundleHeader? read))
            {
                continue;
            }

            await scene.Store.PutBlockAsync(read.ToBytes());
            await using BundleReader reader = await BundleReader.OpenAsync(scene.Store, read.Digest);
            try
            {
                await reader.DecryptAsync(read.Documents[0].Id, scene.Patient, Stream.Null);
                opened++;
            }
            catch (ArgumentException)
            {
                // Another document id or bundle id: not a key of this patient.
            }
            catch (PhrDataException)
            {
            }
        }

        // The creation time's four bytes (its first would be a time after 9999, or stays a time) do not belong to what is sealed.
        Assert.InRange(opened, 1, 5);
    }

    [Fact]
    public void WriteNonce_CounterAndFlag_FillTheLastFiveBytes()
    {
        byte[] nonce = new byte[12];
        DocumentCipher.WriteNonce(nonce, (1 << 24) - 1, last: true);

        Assert.Equal(new byte[7], nonce[..7]);
        Assert.Equal((1u << 24) - 1, BinaryPrimitives.ReadUInt32BigEndian(nonce.AsSpan(7)));
        Assert.Equal(1, nonce[11]);
        DocumentCipher.WriteNonce(nonce, 0, last: false);
        Assert.Equal(new byte[12], nonce);
    }

    [Fact]
    public async Task ChunkCipher_SealAndOpen_AllocateNothing()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync([1]);
        using DocumentKey key = header.OpenDocumentKey(header.Documents[0].Id, scene.Patient);
        using ChunkCipher cipher = key.CreateCipher(header.BundleId);
        byte[] plaintext = new byte[65_536], chunk = new byte[65_552];
        cipher.Seal(0, false, plaintext, chunk);
        Assert.True(cipher.TryOpen(0, false, chunk, plaintext));

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            cipher.Seal(i, false, plaintext, chunk);
            cipher.TryOpen(i, false, chunk, plaintext);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
