using System.Diagnostics.CodeAnalysis;
using Phr.Crypto;
using Phr.Shared;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>The sealed deliveries of a request, assembled by a member of its committee for the doctor to pull at once.</summary>
/// <remarks>
/// Canonical CBOR <c>["phr/deliveries/v1", [envelope, …]]</c>, at most sixteen envelopes of at most 1 MiB. Nothing in it is signed: what counts is that the ledger names an envelope's digest.
/// Every envelope is sealed to the request's receiving key. Immutable and thread safe.
/// </remarks>
public sealed class DeliveryPack
{
    /// <summary>Most envelopes: 16, one for each seat of a committee.</summary>
    public const int MaxEnvelopes = LedgerLimits.Committee;

    /// <summary>Longest encoding in bytes.</summary>
    public const int MaxLength = (MaxEnvelopes * (ContentSourceExtensions.MaxBlockLength + 5)) + 32;

    private const string Stage = "delivery pack";
    private const string Tag = "phr/deliveries/v1";

    /// <summary>Assembles sealed deliveries.</summary>
    /// <param name="envelopes">The sealed deliveries, at most 16, of 1 byte to 1 MiB each.</param>
    /// <exception cref="ArgumentNullException"><paramref name="envelopes"/> is null.</exception>
    /// <exception cref="ArgumentException">There are too many, or one is empty or too long.</exception>
    public DeliveryPack(IReadOnlyList<ReadOnlyMemory<byte>> envelopes)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        if (envelopes.Count > MaxEnvelopes || envelopes.Any(envelope => envelope.Length is 0 or > ContentSourceExtensions.MaxBlockLength))
        {
            throw new ArgumentException($"A pack has at most {MaxEnvelopes} envelopes of 1 to {ContentSourceExtensions.MaxBlockLength} bytes.", nameof(envelopes));
        }

        Envelopes = [.. envelopes];
    }

    /// <summary>The sealed deliveries, in any order.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Envelopes { get; }

    /// <summary>Reads a pack.</summary>
    /// <param name="bytes">The encoding.</param>
    /// <returns>The pack.</returns>
    /// <exception cref="PhrDataException">The bytes are no pack.</exception>
    public static DeliveryPack FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CanonicalCborReader(Stage, bytes, MaxLength);
        reader.BeginArray(2);
        reader.Expect(Tag);
        var envelopes = new ReadOnlyMemory<byte>[reader.BeginList(MaxEnvelopes)];
        for (int i = 0; i < envelopes.Length; i++)
        {
            byte[] envelope = reader.Bytes(ContentSourceExtensions.MaxBlockLength);
            envelopes[i] = envelope.Length > 0 ? envelope : throw reader.Fault(PhrDataReason.WrongLength, "an envelope is empty.");
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        return new DeliveryPack(envelopes);
    }

    /// <summary>Reads a pack, without an exception.</summary>
    /// <param name="bytes">The encoding.</param>
    /// <param name="pack">The pack, or null.</param>
    /// <returns>Whether the bytes were a pack.</returns>
    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out DeliveryPack? pack)
    {
        try
        {
            pack = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            pack = null;
            return false;
        }
    }

    /// <summary>Writes the pack.</summary>
    /// <returns>The encoding.</returns>
    public byte[] ToBytes()
    {
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(2).Text(Tag).Array(Envelopes.Count);
        foreach (ReadOnlyMemory<byte> envelope in Envelopes)
        {
            writer.Bytes(envelope.Span);
        }

        return writer.EndArray().EndArray().ToBytes();
    }
}
