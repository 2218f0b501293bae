using System.Security.Cryptography;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Keys;

/// <summary>The readers of fixed-length values: anything damaged is refused with a data exception, or is another value of the type.</summary>
public class SmallReaderMutationTests
{
    [Fact]
    public void FromBytes_DamagedRecoverableSignature_GivesOnlyDataExceptions()
    {
        using SecretKey key = SecretKey.Generate();
        byte[] digest = RandomNumberGenerator.GetBytes(32);
        Mutations.Run(
            "recoverable signature",
            [key.SignDigest(digest).ToBytes()],
            bytes => RecoverableSignature.FromBytes(bytes).TryRecover(digest, out _),
            e => e is PhrDataException);
    }

    [Fact]
    public void FromBytes_DamagedSecretKey_GivesOnlyDataExceptions()
    {
        using SecretKey key = SecretKey.Generate();
        byte[] bytes = new byte[SecretKey.Length];
        key.ExportTo(bytes);
        Mutations.Run(
            "secret key",
            [bytes],
            damaged =>
            {
                using SecretKey read = SecretKey.FromBytes(damaged);
                return true;
            },
            e => e is PhrDataException);
    }

    [Fact]
    public void FromBytes_DamagedIds_GiveOnlyDataExceptions()
    {
        Mutations.Run("actor id", [RandomNumberGenerator.GetBytes(ActorId.Length)], b => ActorId.FromBytes(b).ToBytes().Length == ActorId.Length, e => e is PhrDataException);
        Mutations.Run("bundle id", [BundleId.Random().ToBytes()], b => BundleId.FromBytes(b).ToBytes().Length == BundleId.Length, e => e is PhrDataException);
        Mutations.Run("document id", [DocumentId.Random().ToBytes()], b => DocumentId.FromBytes(b).ToBytes().Length == DocumentId.Length, e => e is PhrDataException);
        Mutations.Run("request id", [RandomNumberGenerator.GetBytes(RequestId.Length)], b => RequestId.FromBytes(b).ToBytes().Length == RequestId.Length, e => e is PhrDataException);
        Mutations.Run("digest", [Digest.Random().ToBytes()], b => Digest.FromBytes(b).ToBytes().Length == Digest.Length, e => e is PhrDataException);
    }
}
