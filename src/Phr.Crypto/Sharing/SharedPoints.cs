using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Sharing;

/// <summary>A receiver that knows the multiples of some points and not the secret itself. The multiples are wiped when it is disposed.</summary>
internal sealed class SharedPoints(PublicKey publicKey) : IReceiver, IDisposable
{
    private readonly Dictionary<PublicKey, SecretBytes> _multiples = [];

    public PublicKey PublicKey => publicKey;

    public bool Knows(PublicKey point) => _multiples.ContainsKey(point);

    /// <summary>Remembers secret·point, which is never the identity for an honest secret; false if it is.</summary>
    public bool TryAdd(PublicKey point, Point multiple)
    {
        if (multiple.IsIdentity || _multiples.ContainsKey(point))
        {
            return !multiple.IsIdentity;
        }

        var bytes = new SecretBytes(Point.Length);
        multiple.WriteBytes(bytes.Reveal());
        _multiples.Add(point, bytes);
        return true;
    }

    public Point Multiply(Point point) => _multiples.TryGetValue(new PublicKey(point), out SecretBytes? multiple)
        ? Point.FromBytes(multiple.Reveal())
        : throw new PhrDataException("team opening", PhrDataReason.NotFound, "the members were not asked for this point.");

    public void Dispose()
    {
        foreach (SecretBytes multiple in _multiples.Values)
        {
            multiple.Dispose();
        }
    }

    public override string ToString() => nameof(SharedPoints);
}
