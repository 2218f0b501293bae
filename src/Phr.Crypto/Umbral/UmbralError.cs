namespace Phr.Crypto;

/// <summary>The messages of this folder in one place, to review for what they give away: sizes and names of checks of public data, nothing else.</summary>
internal static class UmbralError
{
    /// <summary>A reader refused its input.</summary>
    public static PhrDataException Refused(string stage, PhrDataReason reason, int expectedLength) => new(stage, reason, reason switch
    {
        PhrDataReason.WrongLength => $"exactly {expectedLength} bytes are needed.",
        PhrDataReason.NonCanonical => "the bytes are not in the one form that an honest writer produces.",
        PhrDataReason.InvalidPoint => "a field is not a point of the curve in 33-byte compressed form, or is not the point it must be.",
        PhrDataReason.InvalidScalar => "a field is not a scalar in the allowed range.",
        PhrDataReason.InvalidSignature => "a field is not r || s in 1..n-1 with low s.",
        PhrDataReason.InvalidProof => "the self-check does not hold: the capsule was altered, or was not made by Umbral.",
        _ => "the bytes are malformed.",
    });

    /// <summary>A check of public data failed.</summary>
    public static PhrDataException Unverified(string stage, PhrDataReason reason, string check) => new(stage, reason, check);

    /// <summary>A decryption failed. Every cause has this one message.</summary>
    public static PhrDataException NotOpened() => new(
        "umbral ciphertext",
        PhrDataReason.AuthenticationFailed,
        "it does not open: another key, another capsule, too few or foreign fragments, or altered bytes.");
}
