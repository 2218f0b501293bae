namespace Phr.Consent;

/// <summary>How far sealing has come.</summary>
/// <param name="Document">Which document, from 0.</param>
/// <param name="Documents">How many there are.</param>
/// <param name="Bytes">Plaintext bytes of this document sealed so far.</param>
public readonly record struct SealProgress(int Document, int Documents, long Bytes);
