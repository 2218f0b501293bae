using System.Diagnostics;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

namespace Phr.Crypto;

/// <summary>
/// What enough members worked out together for one request: it takes the place of the receiving key's secret, for the points that were
/// asked about and for no other. Secret; wiped when disposed.
/// </summary>
[DebuggerDisplay("TeamReceiver")]
public sealed class TeamReceiver : IReceiver, IDisposable
{
    private readonly SharedPoints _points;

    internal TeamReceiver(SharedPoints points) => _points = points;

    /// <summary>The request's receiving key.</summary>
    public PublicKey PublicKey => _points.PublicKey;

    /// <summary>Whether the members were asked about a point.</summary>
    /// <param name="point">The point.</param>
    /// <returns>Whether what hangs on it can be opened.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="point"/> is null.</exception>
    public bool Covers(TeamPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        return _points.Knows(point.Point);
    }

    /// <summary>Wipes what was worked out.</summary>
    public void Dispose() => _points.Dispose();

    /// <summary>The type's name; never what it holds.</summary>
    /// <returns><c>TeamReceiver</c>.</returns>
    public override string ToString() => nameof(TeamReceiver);

    Point IReceiver.Multiply(Point point) => _points.Multiply(point);
}
