using Phr.Crypto.Envelopes;

namespace Phr.Crypto.Tests.Envelopes;

public class PadmeTests
{
    // The published formula, in floating point and shifts: E = ⌊log2 L⌋, S = ⌊log2 E⌋ + 1, the last E − S bits are zero after rounding up.
    [Fact]
    public void PaddedLength_AllSmallLengths_FollowTheFormula()
    {
        for (int length = 2; length < 300_000; length++)
        {
            int e = (int)Math.Floor(Math.Log2(length));
            int s = (int)Math.Floor(Math.Log2(e)) + 1;
            int step = 1 << (e - s);
            Assert.Equal((length + step - 1) / step * step, Padme.PaddedLength(length));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(8, 8)]
    [InlineData(9, 10)]
    [InlineData(17, 18)]
    [InlineData(100, 104)]
    [InlineData(1000, 1024)]
    [InlineData(65537, 67584)]
    [InlineData(1 << 24, 1 << 24)]
    public void PaddedLength_KnownLengths_AreThese(int length, int padded) => Assert.Equal(padded, Padme.PaddedLength(length));

    [Fact]
    public void PaddedLength_AnyLength_GrowsByAtMostAnEighthAndIsIdempotentAndMonotone()
    {
        int previous = 0;
        for (int length = 0; length < 200_000; length++)
        {
            int padded = Padme.PaddedLength(length);
            Assert.InRange(padded, length, length + (length * 12 / 100) + 1);
            Assert.Equal(padded, Padme.PaddedLength(padded));
            Assert.True(padded >= previous);
            previous = padded;
        }
    }

    [Fact]
    public void TryUnpad_OfPad_GivesTheLength()
    {
        for (int length = 0; length < 2000; length++)
        {
            var plaintext = new byte[length];
            Array.Fill(plaintext, (byte)(length % 3 == 0 ? 0 : 0x80));
            var padded = new byte[Padme.PaddedPlaintextLength(length)];
            Array.Fill(padded, (byte)0xFF);
            Padme.Pad(plaintext, padded);
            Assert.True(Padme.TryUnpad(padded, out int found));
            Assert.Equal(length, found);
        }
    }

    [Fact]
    public void TryUnpad_Empty_ReturnsFalse() => Assert.False(Padme.TryUnpad([], out _));
}
