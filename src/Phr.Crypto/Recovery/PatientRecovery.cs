using Phr.Crypto.Memory;
using Phr.Crypto.Recovery;

namespace Phr.Crypto;

/// <summary>A patient's recovery secret as lists of words: identity and the keys of all bundles, from 33 words a list.</summary>
/// <remarks>
/// <para>
/// The lists carry the 32 bytes of <see cref="PatientKeys.ExportRecoverySecret"/> and nothing else, so every implementation of SLIP-0039 can
/// check and combine them. Whoever satisfies the shape, with the passphrase if there is one, is the patient: can read everything and sign in
/// the patient's name. Trustees need no lists for their part; see <c>docs/recovery.md</c> on whom to give them to.
/// </para>
/// <para>Thread safe.</para>
/// </remarks>
public static class PatientRecovery
{
    /// <summary>How many words each list has: 33.</summary>
    public const int WordCount = 33;

    /// <summary>Splits a patient's recovery secret in the shape of a trustee policy: a list for each trustee, with the policy's thresholds.</summary>
    /// <param name="keys">The patient's keys.</param>
    /// <param name="policy">The policy. Group g and member i of the lists are those of the policy.</param>
    /// <param name="passphrase">Printable ASCII, at most 1,024 characters; empty for none. The caller wipes it.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The lists. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> or <paramref name="policy"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// A group of several members has threshold 1, which lists of words cannot have (give another shape), or the passphrase has other characters.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public static RecoveryWordsSet Split(PatientKeys keys, TrusteePolicy policy, ReadOnlySpan<char> passphrase = default, RecoveryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Split(keys, policy.Shape, passphrase, options);
    }

    /// <summary>Splits a patient's recovery secret in a shape of its own.</summary>
    /// <param name="keys">The patient's keys.</param>
    /// <param name="shape">At most 16 groups of at most 16 members; none of several members with threshold 1.</param>
    /// <param name="passphrase">Printable ASCII, at most 1,024 characters; empty for none. The caller wipes it.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The lists. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="keys"/> or <paramref name="shape"/> is null.</exception>
    /// <exception cref="ArgumentException">The shape is not one of SLIP-0039, or the passphrase has other characters.</exception>
    /// <exception cref="ObjectDisposedException">The keys were disposed.</exception>
    public static RecoveryWordsSet Split(PatientKeys keys, SharingShape shape, ReadOnlySpan<char> passphrase = default, RecoveryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        using var secret = new SecretBytes(PatientKeys.RecoverySecretLength);
        keys.ExportRecoverySecret(secret.Reveal());
        return Slip39.Split(secret.Reveal(), shape, passphrase, options);
    }

    /// <summary>Gives a patient's keys back, of the generation that the ledger has, if they are the expected patient's.</summary>
    /// <param name="lists">Enough lists of one backup. The caller disposes them.</param>
    /// <param name="expected">What the ledger says of the patient.</param>
    /// <param name="passphrase">The passphrase that the lists were made with; empty for none. The caller wipes it.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The keys. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lists"/> or <paramref name="expected"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no list, one is null, or the passphrase has characters that no passphrase has.</exception>
    /// <exception cref="PhrDataException">
    /// The lists do not make a secret, as <see cref="Slip39.Combine"/> says; they carry no recovery secret (<see cref="PhrDataReason.WrongLength"/>); or
    /// the keys are not those that the ledger has: another passphrase, or another person's lists (<see cref="PhrDataReason.AuthenticationFailed"/>).
    /// </exception>
    /// <remarks>Tries up to 256 generations, each one multiplication of G, so that a wrong passphrase takes a moment to show.</remarks>
    public static PatientKeys Combine(IEnumerable<RecoveryWords> lists, ExpectedActor expected, ReadOnlySpan<char> passphrase = default, RecoveryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(expected);
        using SecretBytes secret = CombineRoot(lists, passphrase, options);
        return expected.FindGeneration(secret.Reveal()) is { } generation
            ? PatientKeys.FromRecoverySecret(secret.Reveal(), expected.Id, generation)
            : throw new PhrDataException(
                WordsFormat.Stage, PhrDataReason.AuthenticationFailed, "they give other keys than the ledger has for this patient: the passphrase is another one, or the lists are another person's.");
    }

    /// <summary>Gives a patient's keys of generation 0 back, whoever's they are. Prefer the overload that compares them with the ledger.</summary>
    /// <param name="lists">Enough lists of one backup. The caller disposes them.</param>
    /// <param name="passphrase">The passphrase that the lists were made with; empty for none. Another one gives other keys, and no error. The caller wipes it.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The keys. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lists"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no list, one is null, or the passphrase has characters that no passphrase has.</exception>
    /// <exception cref="PhrDataException">The lists do not make a secret, or it is no recovery secret (<see cref="PhrDataReason.WrongLength"/>).</exception>
    public static PatientKeys CombineUnchecked(IEnumerable<RecoveryWords> lists, ReadOnlySpan<char> passphrase = default, RecoveryOptions? options = null)
    {
        using SecretBytes secret = CombineRoot(lists, passphrase, options);
        return PatientKeys.FromRecoverySecret(secret.Reveal());
    }

    private static SecretBytes CombineRoot(IEnumerable<RecoveryWords> lists, ReadOnlySpan<char> passphrase, RecoveryOptions? options)
    {
        SecretBytes secret = Slip39.CombineSecret(lists, passphrase, options);
        if (secret.Length == PatientKeys.RecoverySecretLength)
        {
            return secret;
        }

        secret.Dispose();
        throw new PhrDataException(WordsFormat.Stage, PhrDataReason.WrongLength, $"these are not a patient's lists: those have {WordCount} words.");
    }
}
