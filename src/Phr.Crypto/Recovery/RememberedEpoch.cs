namespace Phr.Crypto;

/// <summary>What a restored trustee remembers of a bundle it asks about.</summary>
/// <param name="Epoch">The highest epoch seen; a dealing of a lower one is refused.</param>
/// <param name="IsSamePatient">Whether the patient's key is the one that was written down; if not, the dealing is refused.</param>
public readonly record struct RememberedEpoch(uint Epoch, bool IsSamePatient);
