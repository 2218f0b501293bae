namespace Phr.Crypto;

/// <summary>A trustee's shares of all documents of a bundle, sealed to the key that the trustee offered for the epoch.</summary>
/// <param name="Group">The group's index, from 1.</param>
/// <param name="Member">The member's index, from 1.</param>
/// <param name="Trustee">The trustee.</param>
/// <param name="Bytes">The sealed bytes, to be stored where only the parties reach.</param>
/// <param name="Digest">SHA-256 of the bytes, as the dealing names them.</param>
public sealed record ShareEnvelope(int Group, int Member, ActorId Trustee, ReadOnlyMemory<byte> Bytes, Digest Digest);
