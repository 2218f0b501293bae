namespace Phr.Crypto;

/// <summary>One trustee's key fragments for one oracle, sealed to that oracle.</summary>
/// <param name="Index">The oracle's seat in the committee, from 1.</param>
/// <param name="Oracle">The oracle.</param>
/// <param name="Bytes">The sealed bytes. They stay in the trustee's outbox until the grant is final.</param>
/// <param name="Digest">SHA-256 of the bytes, as the approval names them.</param>
public sealed record FragmentEnvelope(int Index, ActorId Oracle, ReadOnlyMemory<byte> Bytes, Digest Digest);
