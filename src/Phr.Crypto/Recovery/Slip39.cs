using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Phr.Crypto.Memory;
using Phr.Crypto.Recovery;

namespace Phr.Crypto;

/// <summary>Splits a secret into lists of words on two levels, groups and their members, and puts it together again (SLIP-0039).</summary>
/// <remarks>
/// <para>
/// Fewer lists than the thresholds ask for say nothing of the secret but its length. The passphrase is a second factor: it cannot be told
/// whether it was right, because every passphrase gives some secret of the same length. Compare what comes out with what is known of it, as
/// <see cref="PatientRecovery"/> and <see cref="TrusteeRecovery"/> do.
/// </para>
/// <para>
/// Interoperable with every implementation of SLIP-0039, of which it passes the official vectors. Arithmetic on the secret has neither
/// branches nor tables. Cost: 10,000 · 2^e rounds of PBKDF2-HMAC-SHA256, e being the iteration exponent. Thread safe.
/// </para>
/// </remarks>
public static class Slip39
{
    /// <summary>The shortest secret in bytes: 16.</summary>
    public const int MinSecretLength = WordsFormat.MinSecretLength;

    /// <summary>The longest secret in bytes: 512. The standard sets no bound; this one keeps lists within 417 words.</summary>
    public const int MaxSecretLength = WordsFormat.MaxSecretLength;

    /// <summary>The most groups, and the most members of a group: 16.</summary>
    public const int MaxCount = 16;

    /// <summary>The most characters of a passphrase: 1,024.</summary>
    public const int MaxPassphraseLength = MasterCipher.MaxPassphraseLength;

    /// <summary>The list of a secret that is not shared: one group of one member.</summary>
    public static SharingShape Single { get; } = new(1, [new GroupShape(1, 1)]);

    /// <summary>Splits a secret. The caller wipes <paramref name="secret"/> and <paramref name="passphrase"/>.</summary>
    /// <param name="secret">16..512 bytes, an even number; from a cryptographic generator, or else a passphrase is guessed by what comes out.</param>
    /// <param name="shape">
    /// How many groups and members there are and how many are needed: at most 16 each. A group of several members with threshold 1 is refused,
    /// because each of them would hold the same words; give it a threshold of 2 or more, make it one member, or hand copies of its one list out.
    /// </param>
    /// <param name="passphrase">Printable ASCII, at most 1,024 characters; empty for none.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The lists. The caller disposes them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="shape"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The secret's length is not one that lists carry.</exception>
    /// <exception cref="ArgumentException">The shape is not one of SLIP-0039, or the passphrase has other characters.</exception>
    public static RecoveryWordsSet Split(ReadOnlySpan<byte> secret, SharingShape shape, ReadOnlySpan<char> passphrase = default, RecoveryOptions? options = null) =>
        Split(secret, shape, passphrase, options ?? new RecoveryOptions(), RandomSource.System);

    /// <summary>Puts lists of words together.</summary>
    /// <param name="lists">
    /// Lists of one backup, in any order, at least as many as the thresholds ask. More are welcome: each is compared with the others. The caller
    /// disposes them.
    /// </param>
    /// <param name="passphrase">The passphrase that the lists were made with; empty for none. Another one gives another secret, and no error. The caller wipes it.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>The secret. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lists"/> is null.</exception>
    /// <exception cref="ArgumentException">A list is null, or the passphrase has characters that no passphrase has.</exception>
    /// <exception cref="ObjectDisposedException">A list was disposed.</exception>
    /// <exception cref="PhrDataException">
    /// The lists do not make a secret: of several backups or of groups that contradict one another (<see cref="PhrDataReason.Mismatched"/>), one given twice
    /// (<see cref="PhrDataReason.Duplicate"/>), too few (<see cref="PhrDataReason.BelowThreshold"/>; the message says which groups lack how many),
    /// too much work asked for (<see cref="PhrDataReason.TooLarge"/>), or lists that are each right and still do not belong together
    /// (<see cref="PhrDataReason.CommitmentMismatch"/>). Lists are named by their place in <paramref name="lists"/>, from 1.
    /// </exception>
    public static SecretValue Combine(IEnumerable<RecoveryWords> lists, ReadOnlySpan<char> passphrase = default, RecoveryOptions? options = null) =>
        new(CombineSecret(lists, passphrase, options));

    /// <summary>Puts lists of words together, without an exception for lists that do not make a secret.</summary>
    /// <param name="lists">As for <see cref="Combine"/>.</param>
    /// <param name="passphrase">As for <see cref="Combine"/>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="secret">The secret, or null. The caller disposes it.</param>
    /// <returns>Whether the lists made a secret.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lists"/> is null.</exception>
    /// <exception cref="ArgumentException">A list is null, or the passphrase has characters that no passphrase has.</exception>
    /// <exception cref="ObjectDisposedException">A list was disposed.</exception>
    public static bool TryCombine(IEnumerable<RecoveryWords> lists, ReadOnlySpan<char> passphrase, RecoveryOptions? options, [NotNullWhen(true)] out SecretValue? secret)
    {
        try
        {
            secret = Combine(lists, passphrase, options);
            return true;
        }
        catch (PhrDataException)
        {
            secret = null;
            return false;
        }
    }

    /// <summary>Says which lists are still needed, for a person who enters them one by one.</summary>
    /// <param name="lists">At least one list, all of one backup.</param>
    /// <returns>What was given and what is missing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="lists"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no list, or one is null.</exception>
    /// <exception cref="PhrDataException">The lists are of several backups, contradict one another, or one was given twice.</exception>
    public static RecoveryProgress Inspect(IEnumerable<RecoveryWords> lists) => new WordsCollection(lists).Progress;

    internal static RecoveryWordsSet Split(ReadOnlySpan<byte> secret, SharingShape shape, ReadOnlySpan<char> passphrase, RecoveryOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(shape);
        RequireLength(secret.Length);
        RequireShape(shape);
        MasterCipher.RequirePassphrase(passphrase);
        Span<byte> draw = stackalloc byte[2];
        random.Fill(draw);
        var header = new WordsHeader(
            ((draw[0] << 8) | draw[1]) & 0x7fff, options.Extendable, options.IterationExponent, 0, shape.GroupThreshold, shape.Groups.Count, 0, 1);
        using var encrypted = new SecretBytes(secret);
        using var groups = new SecretBytes(shape.Groups.Count * secret.Length);
        MasterCipher.Apply(encrypted.Reveal(), passphrase, header, encrypt: true);
        ByteSharing.Split(encrypted.Reveal(), shape.GroupThreshold, shape.Groups.Count, groups.Reveal(), random);
        var lists = new List<RecoveryWords>(shape.TotalMembers);
        try
        {
            for (int g = 0; g < shape.Groups.Count; g++)
            {
                GroupShape group = shape.Groups[g];
                using var members = new SecretBytes(group.Members * secret.Length);
                ByteSharing.Split(groups.Reveal().Slice(g * secret.Length, secret.Length), group.Threshold, group.Members, members.Reveal(), random);
                for (int m = 0; m < group.Members; m++)
                {
                    lists.Add(RecoveryWords.Create(
                        header with { Group = g, Member = m, MemberThreshold = group.Threshold }, members.Reveal().Slice(m * secret.Length, secret.Length)));
                }
            }

            return new RecoveryWordsSet(shape, [.. lists]);
        }
        catch
        {
            lists.ForEach(l => l.Dispose());
            throw;
        }
    }

    internal static SecretBytes CombineSecret(IEnumerable<RecoveryWords> lists, ReadOnlySpan<char> passphrase, RecoveryOptions? options)
    {
        MasterCipher.RequirePassphrase(passphrase);
        var collection = new WordsCollection(lists);
        int most = (options ?? new RecoveryOptions()).MaxIterationExponent;
        if (collection.Header.IterationExponent > most)
        {
            throw new PhrDataException(
                WordsFormat.Stage, PhrDataReason.TooLarge,
                string.Create(CultureInfo.InvariantCulture, $"the lists ask for an iteration exponent of {collection.Header.IterationExponent}, and at most {most} is worked on; allow more with {nameof(RecoveryOptions.MaxIterationExponent)}."));
        }

        SecretBytes secret = collection.Rebuild();
        try
        {
            MasterCipher.Apply(secret.Reveal(), passphrase, collection.Header, encrypt: false);
            return secret;
        }
        catch
        {
            secret.Dispose();
            throw;
        }
    }

    internal static void RequireLength(int length)
    {
        if (length is < MinSecretLength or > MaxSecretLength || length % 2 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(length), $"Lists of words carry an even number of bytes, {MinSecretLength}..{MaxSecretLength}.");
        }
    }

    private static void RequireShape(SharingShape shape)
    {
        if (shape.Groups.Count > MaxCount || shape.Groups.Any(g => g.Members > MaxCount))
        {
            throw new ArgumentException($"Lists of words are made for at most {MaxCount} groups of at most {MaxCount} members.", nameof(shape));
        }

        for (int g = 0; g < shape.Groups.Count; g++)
        {
            if (shape.Groups[g] is { Threshold: 1, Members: > 1 } group)
            {
                throw new ArgumentException(
                    $"Group {g + 1} needs 1 of {group.Members} members, so all of them would hold the same words, which SLIP-0039 does not allow. Let it need 2 or more, or make it one member and copy the list.",
                    nameof(shape));
            }
        }
    }
}
