using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Phr.Crypto;

/// <summary>One member's shares of a team's keys. They belong to one charter and combine with no other's.</summary>
/// <remarks>Secret; wiped when disposed. A share leaves this type only as partial results and as sub-shares of a new sharing.</remarks>
[DebuggerDisplay("TeamShares")]
public sealed class TeamShares : IDisposable
{
    /// <summary>Longest written form in bytes: 342, for 8 keys.</summary>
    public const int MaxLength = HeadLength + (TeamPlan.MaxKeys * KeyLength);

    private const int HeadLength = Digest.Length + ActorId.Length + 2;
    private const int KeyLength = 4 + SecretKey.Length;
    private const string Stage = "team shares";

    private readonly Dictionary<int, SecretKey> _shares;

    internal TeamShares(Digest coreDigest, ActorId team, int index, Dictionary<int, SecretKey> shares)
    {
        CoreDigest = coreDigest;
        Team = team;
        Index = index;
        _shares = shares;
    }

    /// <summary>The charter to which they belong, without its signatures.</summary>
    public Digest CoreDigest { get; }

    /// <summary>The team.</summary>
    public ActorId Team { get; }

    /// <summary>The member's index.</summary>
    public int Index { get; }

    /// <summary>Length in bytes of the written form.</summary>
    public int ExportedLength => HeadLength + (_shares.Count * KeyLength);

    /// <summary>Reads shares. The caller wipes <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What <see cref="ExportTo"/> wrote.</param>
    /// <returns>The shares. The caller disposes them.</returns>
    /// <exception cref="PhrDataException">The bytes are not shares.</exception>
    public static TeamShares FromBytes(ReadOnlySpan<byte> bytes) => TryFromBytes(bytes, out TeamShares? shares)
        ? shares
        : throw new PhrDataException(Stage, PhrDataReason.Malformed, "the bytes are not shares of a team's keys.");

    /// <summary>Reads shares, without an exception. The caller wipes <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What <see cref="ExportTo"/> wrote.</param>
    /// <param name="shares">The shares, or null. The caller disposes them.</param>
    /// <returns>Whether the bytes were shares.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TeamShares? shares)
    {
        shares = null;
        int count = bytes.Length < HeadLength ? 0 : bytes[HeadLength - 1];
        if (count is < 1 or > TeamPlan.MaxKeys || bytes.Length != HeadLength + (count * KeyLength) || bytes[HeadLength - 2] == 0)
        {
            return false;
        }

        var result = new TeamShares(
            Digest.FromBytes(bytes[..Digest.Length]), ActorId.FromBytes(bytes.Slice(Digest.Length, ActorId.Length)), bytes[HeadLength - 2], []);
        int last = 0;
        for (ReadOnlySpan<byte> rest = bytes[HeadLength..]; !rest.IsEmpty; rest = rest[KeyLength..])
        {
            int epoch = BinaryPrimitives.ReadInt32BigEndian(rest);
            if (epoch <= last || epoch > TeamPlan.MaxEpoch || !SecretKey.TryFromBytes(rest.Slice(4, SecretKey.Length), out SecretKey? share))
            {
                result.Dispose();
                return false;
            }

            result._shares.Add(epoch, share);
            last = epoch;
        }

        shares = result;
        return true;
    }

    /// <summary>Writes the shares, for storage under protection. <b>The bytes are secret</b>: the caller wipes them.</summary>
    /// <param name="destination">At least <see cref="ExportedLength"/> bytes: core digest, team, index, number of keys, and per key its epoch (4 bytes, big endian) and the share (32 bytes).</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The shares were disposed.</exception>
    public void ExportTo(Span<byte> destination)
    {
        if (destination.Length < ExportedLength)
        {
            throw new ArgumentException($"These shares need {ExportedLength} bytes.", nameof(destination));
        }

        CoreDigest.CopyTo(destination);
        Team.CopyTo(destination[Digest.Length..]);
        destination[HeadLength - 2] = (byte)Index;
        destination[HeadLength - 1] = (byte)_shares.Count;
        Span<byte> rest = destination[HeadLength..];
        foreach ((int epoch, SecretKey share) in _shares.OrderBy(static pair => pair.Key))
        {
            BinaryPrimitives.WriteInt32BigEndian(rest, epoch);
            share.ExportTo(rest[4..]);
            rest = rest[KeyLength..];
        }
    }

    /// <summary>Wipes the shares.</summary>
    public void Dispose()
    {
        foreach (SecretKey share in _shares.Values)
        {
            share.Dispose();
        }
    }

    /// <summary>The type's name; never a share.</summary>
    /// <returns><c>TeamShares</c>.</returns>
    public override string ToString() => nameof(TeamShares);

    internal SecretKey? Find(int epoch) => _shares.GetValueOrDefault(epoch);

    /// <summary>Shares of another charter do not combine with this one's: a partial result of them would be wrong.</summary>
    internal void RequireOf(TeamCharter charter)
    {
        if (CoreDigest != charter.CoreDigest)
        {
            throw new ArgumentException("The shares belong to another charter.");
        }
    }
}
