using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Sharing;

/// <summary>Gives the scalars of a list, and after them those of a reproducible stream.</summary>
internal sealed class FixedScalars(params Scalar[] scalars) : RandomSource
{
    private readonly StreamRandom _rest = new("rest");

    public int Used { get; private set; }

    public override void Fill(Span<byte> destination)
    {
        if (Used < scalars.Length)
        {
            scalars[Used].WriteBytes(destination);
        }
        else
        {
            _rest.Fill(destination);
        }

        Used++;
    }
}
