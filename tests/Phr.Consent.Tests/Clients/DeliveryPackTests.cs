using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Consent.Tests.Clients;

public class DeliveryPackTests
{
    [Fact]
    public void FromBytes_Written_GivesTheSameEnvelopes()
    {
        byte[][] envelopes = [[1], [2, 3], new byte[100_000]];
        byte[] bytes = new DeliveryPack([.. envelopes.Select(e => (ReadOnlyMemory<byte>)e)]).ToBytes();
        Assert.Equal(envelopes, DeliveryPack.FromBytes(bytes).Envelopes.Select(e => e.ToArray()));
        Assert.Empty(DeliveryPack.FromBytes(new DeliveryPack([]).ToBytes()).Envelopes);
    }

    [Fact]
    public void FromBytes_Damaged_IsRefusedByName()
    {
        byte[] pack = new DeliveryPack([(byte[])[1, 2, 3], (byte[])[4]]).ToBytes();
        Mutations.Run("delivery pack", [pack], bytes => DeliveryPack.TryFromBytes(bytes, out _), _ => false);
        Assert.Equal(PhrDataReason.NonCanonical, Assert.Throws<PhrDataException>(() => DeliveryPack.FromBytes((byte[])[.. pack, 0])).Reason);
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => DeliveryPack.FromBytes(new byte[DeliveryPack.MaxLength + 1])).Reason);
        Assert.Throws<PhrDataException>(() => DeliveryPack.FromBytes(ReadOnlyMemory<byte>.Empty));
    }

    [Fact]
    public void Constructor_TooManyOrEmptyEnvelopes_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new DeliveryPack([.. Enumerable.Range(0, 17).Select(i => (ReadOnlyMemory<byte>)new byte[] { (byte)i })]));
        Assert.Throws<ArgumentException>(() => new DeliveryPack([ReadOnlyMemory<byte>.Empty]));
    }
}
