using System.Buffers.Binary;

namespace Phr.Samples.Portal;

/// <summary>
/// What a hospital or an insurer decided once for all small claims: those under the limit that a doctor endorsed, and that the agency looks at, go on without another look. It is kept among the institution's own sealed
/// secrets, so that nobody else can give or widen it.
/// </summary>
/// <param name="Currency">The currency: three capital letters.</param>
/// <param name="Limit">Claims below this many of the currency's smallest units are small.</param>
public sealed record StandingInstruction(string Currency, ulong Limit)
{
    /// <summary>The time in which all claims of one patient together must be small: cutting a claim into pieces gains nothing.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromDays(30);

    private const string Folder = "claims/standing/";
    private const int MaxInstructions = 20;

    /// <summary>The instructions of whoever owns these secrets.</summary>
    public static async Task<IReadOnlyList<StandingInstruction>> ListAsync(ISecretStore secrets, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        var found = new List<StandingInstruction>();
        foreach (string name in (await secrets.ListAsync(Folder, cancellationToken)).Take(MaxInstructions))
        {
            using SecretValue? value = await secrets.GetAsync(name, cancellationToken);
            if (value is { Bytes.Length: sizeof(ulong) })
            {
                found.Add(new StandingInstruction(name[Folder.Length..].ToUpperInvariant(), BinaryPrimitives.ReadUInt64BigEndian(value.Bytes)));
            }
        }

        return found;
    }

    /// <summary>Keeps it, in the place of an earlier one for the currency.</summary>
    public async Task SaveAsync(ISecretStore secrets, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Limit);
        await secrets.PutAsync(NameOf(Currency), bytes, cancellationToken);
    }

    /// <summary>Ends the one for a currency.</summary>
    public static async Task EndAsync(ISecretStore secrets, string currency, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        if (currency.Length == 3 && currency.All(char.IsAsciiLetterUpper))
        {
            await secrets.DeleteAsync(NameOf(currency), cancellationToken);
        }
    }

    /// <summary>Whether a claim is one of those that it is about.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="others">All claims that name the same institution.</param>
    public bool Covers(ClaimRecord claim, IEnumerable<ClaimRecord> others)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(others);
        if (claim.Currency != Currency || !claim.AgencyReviews || claim.IsAppealed || claim.Amount >= Limit)
        {
            return false;
        }

        UInt128 together = claim.Amount;
        foreach (ClaimRecord other in others.Where(o => o.Id != claim.Id && o.Patient == claim.Patient && o.Currency == Currency && o.Status is not (ClaimStatus.Rejected or ClaimStatus.Withdrawn or ClaimStatus.Expired)))
        {
            together += (claim.FiledAt - other.FiledAt).Duration() <= Period ? other.Amount : 0;
        }

        return together < Limit;
    }

    private static string NameOf(string currency) => Folder + currency.ToLowerInvariant();
}
