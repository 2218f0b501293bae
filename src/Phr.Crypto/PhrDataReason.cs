namespace Phr.Crypto;

/// <summary>Says why bytes that came from outside were refused.</summary>
public enum PhrDataReason
{
    /// <summary>The bytes do not have the shape of the format.</summary>
    Malformed = 0,
    /// <summary>The bytes say the right thing in a form that no honest writer produces.</summary>
    NonCanonical,
    /// <summary>The length is not one the format allows.</summary>
    WrongLength,
    /// <summary>The input ends before it is complete.</summary>
    Truncated,
    /// <summary>The format version or the cipher suite is not known to this reader.</summary>
    UnknownVersion,
    /// <summary>A number lies outside the range that the format allows.</summary>
    OutOfRange,
    /// <summary>The input is larger, or has more parts, than a reader accepts.</summary>
    TooLarge,
    /// <summary>Bytes that should be a group element are not one, or are the identity.</summary>
    InvalidPoint,
    /// <summary>Bytes that should be a scalar are zero or not below the group order.</summary>
    InvalidScalar,
    /// <summary>A signature does not verify under the key that must have made it.</summary>
    InvalidSignature,
    /// <summary>A zero-knowledge proof or a self-check does not hold.</summary>
    InvalidProof,
    /// <summary>A value does not match the commitment made to it.</summary>
    CommitmentMismatch,
    /// <summary>The bytes do not have the digest under which they were asked for.</summary>
    DigestMismatch,
    /// <summary>Decryption failed: wrong key, wrong context, or altered ciphertext. No cause is told apart.</summary>
    AuthenticationFailed,
    /// <summary>Something that must occur once occurs twice.</summary>
    Duplicate,
    /// <summary>Parts that must belong together do not (another epoch, precursor, request or document).</summary>
    Mismatched,
    /// <summary>Fewer parts were given than the threshold asks for.</summary>
    BelowThreshold,
    /// <summary>Something that the input names is not there.</summary>
    NotFound,
    /// <summary>A validity period has ended, or has not begun.</summary>
    Expired,
}
