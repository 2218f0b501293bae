using System.Security.Cryptography;

namespace Phr.Crypto.Secp256k1;

/// <summary>ECDSA over secp256k1 with RFC 6979 nonces and low s. Sources: SEC 1 §4.1, RFC 6979, BIP 62 (low s).</summary>
/// <remarks>
/// Signing does not branch on the key, the nonce or the sign of s; it starts again only when r or s is 0 or a nonce is not in 1..n-1, which
/// nobody has seen happen. Verifying and recovering take a time that depends on their public input.
/// </remarks>
internal static class Ecdsa
{
    public const int SignatureLength = 64;

    /// <summary>Signs a 32-byte digest; <paramref name="extraEntropy"/> is RFC 6979's additional data k', or empty.</summary>
    /// <returns>The recovery id, 0..3.</returns>
    public static byte Sign(Scalar key, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> extraEntropy, Span<byte> signature)
    {
        Scalar z = Scalar.FromBytesReduced(digest);
        Span<byte> encoded = stackalloc byte[65];
        var nonces = new Rfc6979(key, digest, extraEntropy);
        try
        {
            while (true)
            {
                Scalar k = nonces.Next();
                Span<byte> coordinates = encoded[1..];
                Point.MultiplyBase(k).WriteCoordinates(coordinates);
                ReadOnlySpan<byte> x = coordinates[..32];
                bool overflow = !Scalar.TryFromBytes(x, out Scalar r);
                if (overflow)
                {
                    r = Scalar.FromBytesReduced(x);
                }

                Scalar s = k.Invert() * (z + (r * key));
                if (r.IsZero || s.IsZero)
                {
                    continue;
                }

                // Whether s was high, and so the sign of k's point, stays out of the flow; the signature does not tell it either.
                ulong high = s.HighMask;
                int recoveryId = (overflow ? 2 : 0) | ((coordinates[63] ^ (int)(high & 1)) & 1);
                s = s.NegateIf(high);
                r.WriteBytes(signature);
                s.WriteBytes(signature[32..]);
                return (byte)recoveryId;
            }
        }
        finally
        {
            nonces.Clear();
            encoded.Clear();
        }
    }

    /// <summary>Verifies; s above n/2 is refused.</summary>
    public static bool Verify(Point key, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        if (key.IsIdentity || !TryRead(signature, out Scalar r, out Scalar s) || s.IsHigh)
        {
            return false;
        }

        Scalar inverse = s.InvertVarTime();
        Point point = Point.LinearCombinationVarTime(Scalar.FromBytesReduced(digest) * inverse, Point.Generator, r * inverse, key);
        if (point.IsIdentity)
        {
            return false;
        }

        Span<byte> encoded = stackalloc byte[Point.Length];
        point.WriteBytes(encoded);
        return Scalar.FromBytesReduced(encoded[1..]) == r;
    }

    /// <summary>The public key that made the signature, or null.</summary>
    public static Point? Recover(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, byte recoveryId)
    {
        if (recoveryId > 3 || !TryRead(signature, out Scalar r, out Scalar s) || s.IsHigh)
        {
            return null;
        }

        Span<byte> encoded = stackalloc byte[Point.Length];
        encoded[0] = (byte)(2 + (recoveryId & 1));
        signature[..32].CopyTo(encoded[1..]);
        if ((recoveryId & 2) != 0 && !TryAddOrder(encoded[1..]))
        {
            return null;
        }

        if (!Point.TryFromBytes(encoded, out Point? point))
        {
            return null;
        }

        Scalar inverse = r.InvertVarTime();
        Point key = Point.LinearCombinationVarTime(s * inverse, point, -(Scalar.FromBytesReduced(digest) * inverse), Point.Generator);
        return key.IsIdentity ? null : key;
    }

    public static bool TryRead(ReadOnlySpan<byte> signature, out Scalar r, out Scalar s)
    {
        s = default;
        r = default;
        return signature.Length == SignatureLength
            && Scalar.TryFromBytes(signature[..32], out r) && !r.IsZero
            && Scalar.TryFromBytes(signature[32..], out s) && !s.IsZero;
    }

    // r + n as a 256-bit x coordinate; false when it does not fit.
    private static bool TryAddOrder(Span<byte> x)
    {
        ReadOnlySpan<byte> order = Convert.FromHexString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
        int carry = 0;
        for (int i = 31; i >= 0; i--)
        {
            int sum = x[i] + order[i] + carry;
            x[i] = (byte)(sum & 0xFF);
            carry = sum >> 8;
        }

        return carry == 0;
    }

    /// <summary>The nonce generator of RFC 6979 §3.2 with HMAC-SHA-256; the digest enters unreduced, as Umbral's signer does it.</summary>
    private ref struct Rfc6979
    {
        private readonly byte[] _k = GC.AllocateArray<byte>(32, pinned: true);
        private readonly byte[] _v = GC.AllocateArray<byte>(32, pinned: true);
        private bool _first = true;

        public Rfc6979(Scalar key, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> extra)
        {
            _v.AsSpan().Fill(1);

            // The key in the clear: not in memory that the collector may copy. A digest and k' have 32 bytes each.
            Span<byte> seed = stackalloc byte[32 + 1 + 32 + 64];
            seed = seed[..(65 + digest.Length + extra.Length)];
            key.WriteBytes(seed[33..]);
            digest.CopyTo(seed[65..]);
            extra.CopyTo(seed[(65 + digest.Length)..]);
            for (byte round = 0; round < 2; round++)
            {
                _v.CopyTo(seed);
                seed[32] = round;
                HMACSHA256.HashData(_k, seed, _k);
                HMACSHA256.HashData(_k, _v, _v);
            }

            CryptographicOperations.ZeroMemory(seed);
        }

        public Scalar Next()
        {
            Span<byte> block = stackalloc byte[33];
            while (true)
            {
                if (!_first)
                {
                    _v.CopyTo(block);
                    block[32] = 0;
                    HMACSHA256.HashData(_k, block, _k);
                    HMACSHA256.HashData(_k, _v, _v);
                }

                _first = false;
                HMACSHA256.HashData(_k, _v, _v);
                if (Scalar.TryFromBytes(_v, out Scalar nonce) && !nonce.IsZero)
                {
                    block.Clear();
                    return nonce;
                }
            }
        }

        public readonly void Clear()
        {
            CryptographicOperations.ZeroMemory(_k);
            CryptographicOperations.ZeroMemory(_v);
        }
    }
}
