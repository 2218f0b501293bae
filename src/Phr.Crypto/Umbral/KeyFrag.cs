using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>
/// A re-encryption key fragment as it came from outside: well formed, its signatures not yet checked. A proxy verifies it
/// before use; <see cref="Umbral.Reencrypt(Capsule, VerifiedKeyFrag)"/> takes only the verified kind.
/// </summary>
/// <remarks>
/// <para>Holds a secret: as many fragments as the threshold, together with the receiving key, give the delegating key. They travel sealed to one proxy each.</para>
/// <para>Wire form: umbral-pre's MessagePack, 310 bytes. Thread safe until disposed.</para>
/// </remarks>
[DebuggerDisplay("KeyFrag")]
public sealed class KeyFrag : IDisposable
{
    /// <summary>Length in bytes: 310.</summary>
    public const int Length = 310;

    /// <summary>Length in bytes of <see cref="Id"/>: 32.</summary>
    public const int IdLength = 32;

    private const string Stage = "key fragment";

    private static readonly byte[] _baseBytes = Point.U.ToBytes();

    private readonly byte[] _id;
    private readonly SecretBytes _key;
    private readonly Signature _forProxy;
    private readonly bool _signsDelegating, _signsReceiving;

    internal KeyFrag(
        ReadOnlySpan<byte> id,
        Scalar key,
        PublicKey precursor,
        PublicKey commitment,
        Signature forProxy,
        Signature forReceiver,
        bool signsDelegating,
        bool signsReceiving)
    {
        _id = id.ToArray();
        _key = new SecretBytes(Scalar.Length);
        key.WriteBytes(_key.Reveal());
        (Precursor, Commitment) = (precursor, commitment);
        (_forProxy, ForReceiver, _signsDelegating, _signsReceiving) = (forProxy, forReceiver, signsDelegating, signsReceiving);
    }

    /// <summary>Names the fragment among those of one delegation: 32 bytes.</summary>
    public ReadOnlySpan<byte> Id => _id;

    /// <summary>X, fresh for each delegation: fragments with different precursors do not combine.</summary>
    public PublicKey Precursor { get; }

    /// <summary>U1, the commitment to this fragment's secret, by which its re-encryptions are checked.</summary>
    public PublicKey Commitment { get; }

    internal Signature ForReceiver { get; }

    /// <summary>Whether the proxy's signature covers both the delegating and the receiving key.</summary>
    internal bool SignsBothKeys => _signsDelegating && _signsReceiving;

    internal Scalar Key => Scalar.TryFromBytes(_key.Reveal(), out Scalar key) ? key : throw new InvalidOperationException();

    /// <summary>Reads a fragment. The caller wipes <paramref name="bytes"/>.</summary>
    /// <param name="bytes">310 bytes, canonical MessagePack.</param>
    /// <returns>The fragment, to be verified. The caller disposes it.</returns>
    /// <exception cref="PhrDataException">The bytes are not a fragment: wrong length, not canonical, another base point than <c>u</c>, a point, scalar or signature out of range.</exception>
    public static KeyFrag FromBytes(ReadOnlySpan<byte> bytes) =>
        FromBytes(bytes, null, null);

    /// <summary>Reads a fragment, without an exception. The caller wipes <paramref name="bytes"/>.</summary>
    /// <param name="bytes">310 bytes, canonical MessagePack.</param>
    /// <param name="keyFrag">The fragment, to be verified, or null. The caller disposes it.</param>
    /// <returns>Whether the bytes were a fragment.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out KeyFrag? keyFrag)
    {
        Read(bytes, null, null, out keyFrag);
        return keyFrag is not null;
    }

    /// <summary>Writes the fragment, the secret included, to be sealed to its proxy. The caller wipes the copy.</summary>
    /// <returns>A new array of 310 bytes.</returns>
    /// <exception cref="ObjectDisposedException">The fragment was disposed.</exception>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        ExportTo(bytes);
        return bytes;
    }

    /// <summary>Writes the fragment, the secret included. The caller wipes the copy.</summary>
    /// <param name="destination">At least 310 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The fragment was disposed.</exception>
    public void ExportTo(Span<byte> destination)
    {
        if (destination.Length < Length)
        {
            throw new ArgumentException($"A key fragment has {Length} bytes.", nameof(destination));
        }

        var writer = new FixedMessagePackWriter(destination);
        writer.Array(5);
        writer.Array(1);
        writer.Point(Point.U);
        writer.Bytes(_id);
        writer.Bytes(_key.Reveal());
        writer.PublicKey(Precursor);
        writer.Array(5);
        writer.PublicKey(Commitment);
        writer.Signature(_forProxy);
        writer.Signature(ForReceiver);
        writer.Boolean(_signsDelegating);
        writer.Boolean(_signsReceiving);
    }

    /// <summary>Checks the fragment: its secret against the commitment, and the delegator's signatures.</summary>
    /// <param name="verifyingKey">The delegator's verifying key.</param>
    /// <param name="delegating">The delegating key, if known. Needed when the proxy's signature covers it; ignored when it does not.</param>
    /// <param name="receiving">The receiving key, if known. Needed when the proxy's signature covers it; ignored when it does not.</param>
    /// <param name="verified">A verified copy with its own lifetime, or null. The caller disposes it, and this fragment too.</param>
    /// <returns>Whether the fragment is what the delegator made for these keys.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="verifyingKey"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The fragment was disposed.</exception>
    /// <remarks>
    /// Where the signature covers both keys, the signature meant for the receiver is checked as well: a delegator cannot make a proxy
    /// produce fragments that the receiver must refuse. Cost: 1 multiplication and 1 or 2 signature checks.
    /// </remarks>
    public bool TryVerify(PublicKey verifyingKey, PublicKey? delegating, PublicKey? receiving, [NotNullWhen(true)] out VerifiedKeyFrag? verified)
    {
        verified = Check(verifyingKey, delegating, receiving) is null ? new VerifiedKeyFrag(Copy()) : null;
        return verified is not null;
    }

    /// <summary>Checks the fragment as <see cref="TryVerify"/> does, and says which check failed.</summary>
    /// <param name="verifyingKey">The delegator's verifying key.</param>
    /// <param name="delegating">The delegating key, if known. Needed when the proxy's signature covers it; ignored when it does not.</param>
    /// <param name="receiving">The receiving key, if known. Needed when the proxy's signature covers it; ignored when it does not.</param>
    /// <returns>A verified copy with its own lifetime. The caller disposes it, and this fragment too.</returns>
    /// <exception cref="PhrDataException">A check failed: <see cref="PhrDataReason.CommitmentMismatch"/>, <see cref="PhrDataReason.InvalidSignature"/>, or
    /// <see cref="PhrDataReason.NotFound"/> when the signature covers a key that was not given.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="verifyingKey"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The fragment was disposed.</exception>
    public VerifiedKeyFrag Verify(PublicKey verifyingKey, PublicKey? delegating, PublicKey? receiving) =>
        Check(verifyingKey, delegating, receiving) is { } failure ? throw failure : new VerifiedKeyFrag(Copy());

    /// <summary>Wipes the secret.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>The type's name; never the secret.</summary>
    /// <returns><c>KeyFrag</c>.</returns>
    public override string ToString() => nameof(KeyFrag);

    /// <summary>What the delegator signs: id || U1 || X, then for each key 01 and the key, or 00 where the signature leaves it out.</summary>
    internal static byte[] SignedMessage(ReadOnlySpan<byte> id, PublicKey commitment, PublicKey precursor, PublicKey? delegating, PublicKey? receiving)
    {
        var message = new byte[IdLength + (2 * PublicKey.Length) + (delegating is null ? 1 : 34) + (receiving is null ? 1 : 34)];
        Span<byte> rest = message;
        id.CopyTo(rest);
        commitment.CopyTo(rest[IdLength..]);
        precursor.CopyTo(rest[(IdLength + PublicKey.Length)..]);
        rest = rest[(IdLength + (2 * PublicKey.Length))..];
        foreach (PublicKey? key in (ReadOnlySpan<PublicKey?>)[delegating, receiving])
        {
            rest[0] = key is null ? (byte)0 : (byte)1;
            key?.CopyTo(rest[1..]);
            rest = rest[(key is null ? 1 : 34)..];
        }

        return message;
    }

    /// <summary>Reads a fragment whose precursor and commitment are expected to be these; where they are, they are not worked out again.</summary>
    internal static KeyFrag FromBytes(ReadOnlySpan<byte> bytes, PublicKey? precursor, PublicKey? commitment) =>
        Read(bytes, precursor, commitment, out KeyFrag? keyFrag) is { } reason ? throw UmbralError.Refused(Stage, reason, Length) : keyFrag!;

    /// <summary>
    /// Checks fragments of one delegator for one receiver, each as <see cref="TryVerify"/> with both keys covered does: faster than one by one, with the same result.
    /// </summary>
    /// <param name="keyFrags">The fragments, each with its delegating key.</param>
    /// <param name="verifyingKey">The delegator's verifying key.</param>
    /// <param name="receiving">The receiving key.</param>
    /// <param name="random">Draws the weights.</param>
    /// <returns>The first fragment that fails, or that does not cover both keys; null when all are right.</returns>
    /// <remarks>
    /// The commitments are checked together: Σ w·u1 = (Σ w·key)·u with weights of 128 bits that the delegator could not know; a wrong one passes with a probability of 2^-128. If the sums differ, each
    /// is checked by itself. Source: Bellare, Garay, Rabin (1998), small exponents test. The left side is public, the right one takes a time that does not depend on the keys.
    /// </remarks>
    internal static int? FindUnverified(IReadOnlyList<(KeyFrag KeyFrag, PublicKey Delegating)> keyFrags, PublicKey verifyingKey, PublicKey receiving, RandomSource random)
    {
        if (keyFrags.Count == 1)
        {
            // Alone it is checked faster by itself.
            (KeyFrag alone, PublicKey itsDelegating) = keyFrags[0];
            return alone.SignsBothKeys && alone.Check(verifyingKey, itsDelegating, receiving) is null ? null : 0;
        }

        PublicKey key = keyFrags.Count < 3 ? verifyingKey : new PublicKey(verifyingKey.Point.WithTableVarTime());
        var batch = new RelationBatch(random);
        Scalar sum = default;
        int? first = null;
        for (int i = 0; i < keyFrags.Count; i++)
        {
            (KeyFrag keyFrag, PublicKey delegating) = keyFrags[i];
            if (first is null && (!keyFrag.SignsBothKeys || keyFrag.FindBadSignature(key, delegating, receiving) is not null))
            {
                first = i;
            }

            Scalar weight = batch.NextWeight();
            sum += weight * keyFrag.Key;
            batch.Add(weight, keyFrag.Commitment.Point);
        }

        if (!batch.SumIsVarTime(Point.U * sum))
        {
            for (int i = 0; i < (first ?? keyFrags.Count); i++)
            {
                if (!keyFrags[i].KeyFrag.MatchesCommitment)
                {
                    return i;
                }
            }
        }

        return first;
    }

    private static PhrDataReason? Read(ReadOnlySpan<byte> bytes, PublicKey? expectedPrecursor, PublicKey? expectedCommitment, out KeyFrag? keyFrag)
    {
        keyFrag = null;
        if (bytes.Length != Length)
        {
            return PhrDataReason.WrongLength;
        }

        var reader = new FixedMessagePackReader(bytes);
        reader.Array(5);
        reader.Array(1);

        // Every fragment repeats u. A reader that used this copy for the commitment check would accept any secret together with a u made to fit it.
        if (!reader.Bytes(PublicKey.Length).SequenceEqual(_baseBytes))
        {
            reader.Fail(PhrDataReason.InvalidPoint);
        }

        ReadOnlySpan<byte> id = reader.Bytes(IdLength);
        Scalar key = reader.Scalar(allowZero: false);
        PublicKey? precursor = reader.PublicKey(expectedPrecursor);
        reader.Array(5);
        PublicKey? commitment = reader.PublicKey(expectedCommitment);
        Signature? forProxy = reader.Signature();
        Signature? forReceiver = reader.Signature();
        bool signsDelegating = reader.Boolean();
        bool signsReceiving = reader.Boolean();
        reader.End();
        if (reader.Failure is null)
        {
            keyFrag = new KeyFrag(id, key, precursor!, commitment!, forProxy!, forReceiver!, signsDelegating, signsReceiving);
        }

        return reader.Failure;
    }

    private PhrDataException? Check(PublicKey verifyingKey, PublicKey? delegating, PublicKey? receiving)
    {
        ArgumentNullException.ThrowIfNull(verifyingKey);
        if (!MatchesCommitment)
        {
            return UmbralError.Unverified(Stage, PhrDataReason.CommitmentMismatch, "its secret does not match its commitment.");
        }

        return (_signsDelegating && delegating is null) || (_signsReceiving && receiving is null)
            ? UmbralError.Unverified(Stage, PhrDataReason.NotFound, "its signature covers a key that was not given.")
            : FindBadSignature(verifyingKey, delegating, receiving) is { } who
                ? UmbralError.Unverified(Stage, PhrDataReason.InvalidSignature, $"the signature for the {who} does not verify.")
                : null;
    }

    private bool MatchesCommitment => Point.U * Key == Commitment.Point;

    // For whom the first signature is that does not verify; null when all do.
    private string? FindBadSignature(PublicKey verifyingKey, PublicKey? delegating, PublicKey? receiving)
    {
        byte[] message = SignedMessage(Id, Commitment, Precursor, _signsDelegating ? delegating : null, _signsReceiving ? receiving : null);
        if (!verifyingKey.Verify(message, _forProxy))
        {
            return "proxy";
        }

        // With both keys covered the receiver's message is the same, and one signature may serve as both.
        return !SignsBothKeys || ForReceiver.Equals(_forProxy) || verifyingKey.Verify(message, ForReceiver) ? null : "receiver";
    }

    private KeyFrag Copy() => new(_id, Key, Precursor, Commitment, _forProxy, ForReceiver, _signsDelegating, _signsReceiving);
}
