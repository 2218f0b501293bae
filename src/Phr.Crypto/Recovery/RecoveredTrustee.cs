using System.Diagnostics;

namespace Phr.Crypto;

/// <summary>A trustee as its list of words gives it back: its keys, and what it remembers. It owns both.</summary>
/// <remarks>Thread safe until disposed.</remarks>
[DebuggerDisplay("RecoveredTrustee {Identity.Id}")]
public sealed class RecoveredTrustee : IDisposable
{
    internal RecoveredTrustee(IdentityKeys identity, TrusteeMemory memory)
    {
        Identity = identity;
        Memory = memory;
    }

    /// <summary>The keys, of the generation that was written down.</summary>
    public IdentityKeys Identity { get; }

    /// <summary>The epochs it has seen.</summary>
    public TrusteeMemory Memory { get; }

    /// <summary>Wipes both.</summary>
    public void Dispose()
    {
        Memory.Dispose();
        Identity.Dispose();
    }

    /// <summary>The type's name.</summary>
    /// <returns><c>RecoveredTrustee</c>.</returns>
    public override string ToString() => nameof(RecoveredTrustee);
}
