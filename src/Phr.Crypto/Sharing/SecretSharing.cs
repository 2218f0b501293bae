using System.Globalization;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

namespace Phr.Crypto;

/// <summary>
/// Verifiable secret sharing among the holders of one group: any <c>threshold</c> of the shares give the secret back,
/// fewer say nothing about it beyond its public key.
/// </summary>
/// <remarks>
/// Sources: Shamir (1979), Feldman (1987). The polynomial is fresh from the system generator each time. Arithmetic on the
/// secret and the shares is constant in time.
/// Sharing among groups with thresholds of their own is <see cref="GroupSharing"/>. Thread safe.
/// </remarks>
public static class SecretSharing
{
    /// <summary>The largest number of shares: 255.</summary>
    public const int MaxShares = 255;

    private const string Stage = "sharing";

    /// <summary>Splits a secret key.</summary>
    /// <param name="secret">The key. It is not changed.</param>
    /// <param name="threshold">How many shares give the key back, 1 to <paramref name="shares"/>.</param>
    /// <param name="shares">How many shares to make, 1 to 255.</param>
    /// <returns>The shares with indices 1, 2, …, which the caller disposes, and the public commitments to them.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="secret"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    /// <remarks>Cost: threshold multiplications of the base point, and shares times threshold multiplications of scalars. At threshold 1 every share is the key itself.</remarks>
    public static (Share[] Shares, FeldmanCommitments Commitments) Split(SecretKey secret, int threshold, int shares) =>
        Split(secret, threshold, shares, RandomSource.System);

    /// <summary>Gives the secret key back.</summary>
    /// <param name="shares">At least as many shares as the commitments' threshold, in any order. The caller still owns them.</param>
    /// <param name="commitments">The commitments to the sharing, from whoever made it.</param>
    /// <returns>The key, whose public key is the commitments' <see cref="FeldmanCommitments.SharedKey"/>. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">One of the shares is null.</exception>
    /// <exception cref="ObjectDisposedException">A share was disposed.</exception>
    /// <exception cref="PhrDataException">
    /// An index occurs twice (<see cref="PhrDataReason.Duplicate"/>), shares do not match the commitments
    /// (<see cref="PhrDataReason.CommitmentMismatch"/>, with their indices in the message), or there are too few
    /// (<see cref="PhrDataReason.BelowThreshold"/>).
    /// </exception>
    /// <remarks>Every share given is checked; of good ones those with the lowest indices are used.</remarks>
    public static SecretKey Recombine(IReadOnlyList<Share> shares, FeldmanCommitments commitments)
    {
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentNullException.ThrowIfNull(commitments);
        var byIndex = new SortedDictionary<int, Share>();
        foreach (Share? share in shares)
        {
            if (!byIndex.TryAdd(share?.Index ?? throw new ArgumentException("A share is null.", nameof(shares)), share))
            {
                throw new PhrDataException(Stage, PhrDataReason.Duplicate, $"share {share.Index} was given twice.");
            }
        }

        Share[] ordered = [.. byIndex.Values];
        if (commitments.FindBadShares(ordered) is { Count: > 0 } bad)
        {
            throw new PhrDataException(
                Stage, PhrDataReason.CommitmentMismatch, $"these shares do not match the commitments: {string.Join(", ", bad.Select(i => ordered[i].Index))}.");
        }

        if (byIndex.Count < commitments.Threshold)
        {
            throw new PhrDataException(Stage, PhrDataReason.BelowThreshold, $"{byIndex.Count} shares were given where {commitments.Threshold} are needed.");
        }

        int[] used = [.. byIndex.Keys.Take(commitments.Threshold)];
        Scalar[] coefficients = Lagrange.AtZero<Scalar>([.. used.Select(static i => Scalar.FromUInt32((uint)i))]);
        Scalar[] values = GC.AllocateArray<Scalar>(used.Length, pinned: true);
        try
        {
            for (int i = 0; i < used.Length; i++)
            {
                values[i] = byIndex[used[i]].Scalar;
            }

            return Checked(Lagrange.WeightedSum<Scalar>(coefficients, values), commitments.SharedKey);
        }
        finally
        {
            JointSharing.Wipe(values);
        }
    }

    internal static (Share[] Shares, FeldmanCommitments Commitments) Split(SecretKey secret, int threshold, int shares, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(secret);
        CheckThreshold(threshold, shares, nameof(threshold), nameof(shares));
        while (true)
        {
            using Polynomial<Scalar> polynomial = Polynomial<Scalar>.Draw(secret.Scalar, threshold, () => Scalar.Random(random));
            bool zero = false;
            var result = new Share[shares];
            for (int i = 1; i <= shares; i++)
            {
                Scalar value = polynomial.At(i);
                zero |= value.IsZero;
                result[i - 1] = new Share(i, value);
            }

            if (!zero)
            {
                return (result, FeldmanCommitments.To(polynomial));
            }

            // A share that is zero is no key: draw again. It happens with probability 2^-248.
            foreach (Share share in result)
            {
                share.Dispose();
            }
        }
    }

    /// <summary>The secret, after it was seen to belong to the public key.</summary>
    internal static SecretKey Checked(Scalar secret, PublicKey expected)
    {
        var key = new SecretKey(secret);
        if (!secret.IsZero && key.PublicKey == expected)
        {
            return key;
        }

        key.Dispose();
        throw new PhrDataException(Stage, PhrDataReason.CommitmentMismatch, "the recombined secret does not belong to the shared public key.");
    }

    internal static void CheckThreshold(int threshold, int shares, string thresholdName, string sharesName)
    {
        if (shares is < 1 or > MaxShares)
        {
            throw new ArgumentOutOfRangeException(sharesName, shares, string.Create(CultureInfo.InvariantCulture, $"The number is 1 to {MaxShares}."));
        }

        if (threshold < 1 || threshold > shares)
        {
            throw new ArgumentOutOfRangeException(thresholdName, threshold, "A threshold is at least 1 and at most the number of shares.");
        }
    }

    internal static void CheckIndex(int index, string name)
    {
        if (index is < 1 or > MaxShares)
        {
            throw new ArgumentOutOfRangeException(name, index, string.Create(CultureInfo.InvariantCulture, $"An index is 1 to {MaxShares}."));
        }
    }
}
