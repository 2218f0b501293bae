using System.Diagnostics;

namespace Phr.Crypto;

/// <summary>What a trustee remembers of one bundle: whose it is, and the highest epoch it has seen.</summary>
/// <remarks>Does not own the key. Immutable and thread safe.</remarks>
[DebuggerDisplay("epoch {Epoch} of {Bundle}")]
public sealed class EpochMemory
{
    /// <summary>Creates the memory of a bundle.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="epoch">The highest epoch seen; 0 when none was.</param>
    /// <param name="patientKey">The patient's object key, which signs the bundle's dealings.</param>
    /// <param name="epochKey">
    /// The secret of the envelope key of that epoch, to be written down with it; null not to. Whoever has it and the sealed share has the share, so lists
    /// with epoch keys must be destroyed and made anew at every new epoch.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="patientKey"/> is null.</exception>
    public EpochMemory(BundleId bundle, uint epoch, PublicKey patientKey, SecretKey? epochKey = null)
    {
        ArgumentNullException.ThrowIfNull(patientKey);
        Bundle = bundle;
        Epoch = epoch;
        PatientKey = patientKey;
        EpochKey = epochKey;
    }

    /// <summary>The bundle.</summary>
    public BundleId Bundle { get; }

    /// <summary>The highest epoch seen; 0 when none was.</summary>
    public uint Epoch { get; }

    /// <summary>The patient's object key.</summary>
    public PublicKey PatientKey { get; }

    /// <summary>The secret of that epoch's envelope key, if it is to be written down.</summary>
    public SecretKey? EpochKey { get; }

    /// <summary>The type's name.</summary>
    /// <returns><c>EpochMemory</c>.</returns>
    public override string ToString() => nameof(EpochMemory);
}
