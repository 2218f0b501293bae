using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>
/// Reads the canonical MessagePack of Umbral's objects: every element has one allowed header byte, so reading is comparing.
/// The first failure sticks; after it all reads give nothing, and the caller looks once, at the end.
/// </summary>
internal ref struct FixedMessagePackReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Why the input is refused, or null while it is not.</summary>
    public PhrDataReason? Failure { get; private set; }

    public void Fail(PhrDataReason reason) => Failure ??= reason;

    public void Array(int count) => Expect((byte)(0x90 | count));

    public void Array16(int count)
    {
        Expect(0xDC);
        Expect((byte)(count >> 8));
        Expect((byte)(count & 0xFF));
    }

    /// <summary>A bin8 of exactly <paramref name="length"/> bytes, or nothing after a failure.</summary>
    public ReadOnlySpan<byte> Bytes(int length)
    {
        Expect(0xC4);
        Expect((byte)length);
        if (Failure is null && _rest.Length < length)
        {
            Fail(PhrDataReason.Truncated);
        }

        if (Failure is not null)
        {
            return default;
        }

        ReadOnlySpan<byte> value = _rest[..length];
        _rest = _rest[length..];
        return value;
    }

    public bool Boolean()
    {
        byte value = Byte();
        if (value is not (0xC2 or 0xC3))
        {
            Fail(PhrDataReason.NonCanonical);
        }

        return value == 0xC3;
    }

    public Point? Point()
    {
        if (!Secp256k1.Point.TryFromBytes(Bytes(Secp256k1.Point.Length), out Point? point))
        {
            Fail(PhrDataReason.InvalidPoint);
        }

        return point;
    }

    public PublicKey? PublicKey() => Point() is { } point ? new PublicKey(point) : null;

    /// <summary>A key; where it is one that the caller has read before, that one, without reading it again.</summary>
    public PublicKey? PublicKey(PublicKey? known)
    {
        FixedMessagePackReader before = this;
        if (known is not null && Bytes(Secp256k1.Point.Length).SequenceEqual(known.Span))
        {
            return known;
        }

        this = before;
        return PublicKey();
    }

    public Scalar Scalar(bool allowZero)
    {
        if (!Secp256k1.Scalar.TryFromBytes(Bytes(Secp256k1.Scalar.Length), out Scalar scalar) || (!allowZero && scalar.IsZero))
        {
            Fail(PhrDataReason.InvalidScalar);
        }

        return scalar;
    }

    public Signature? Signature()
    {
        if (!Crypto.Signature.TryFromBytes(Bytes(Crypto.Signature.Length), out Signature? signature))
        {
            Fail(PhrDataReason.InvalidSignature);
        }

        return signature;
    }

    public void End()
    {
        if (!_rest.IsEmpty)
        {
            Fail(PhrDataReason.NonCanonical);
        }
    }

    private void Expect(byte header)
    {
        if (Byte() != header)
        {
            Fail(PhrDataReason.NonCanonical);
        }
    }

    private byte Byte()
    {
        if (_rest.IsEmpty)
        {
            Fail(PhrDataReason.Truncated);
            return 0;
        }

        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }
}

/// <summary>Writes the same bytes into a buffer of the exact size.</summary>
internal ref struct FixedMessagePackWriter(Span<byte> destination)
{
    private Span<byte> _rest = destination;

    public void Array(int count) => Byte((byte)(0x90 | count));

    public void Array16(int count)
    {
        Byte(0xDC);
        Byte((byte)(count >> 8));
        Byte((byte)(count & 0xFF));
    }

    public void Boolean(bool value) => Byte(value ? (byte)0xC3 : (byte)0xC2);

    public void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    public void Point(Point value) => value.WriteBytes(Reserve(Secp256k1.Point.Length));

    public void PublicKey(PublicKey value) => value.CopyTo(Reserve(Crypto.PublicKey.Length));

    public void Scalar(Scalar value) => value.WriteBytes(Reserve(Secp256k1.Scalar.Length));

    public void Signature(Signature value) => value.CopyTo(Reserve(Crypto.Signature.Length));

    private Span<byte> Reserve(int length)
    {
        Byte(0xC4);
        Byte((byte)length);
        Span<byte> place = _rest[..length];
        _rest = _rest[length..];
        return place;
    }

    private void Byte(byte value)
    {
        _rest[0] = value;
        _rest = _rest[1..];
    }
}
