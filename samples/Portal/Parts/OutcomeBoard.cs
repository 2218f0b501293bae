using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>
/// How often models were right, as counts alone. What is shown changes only when a whole group of outcomes is new, and is then a number of whole groups, with a whole group at least outside of it: from no two looks can
/// one outcome be read off. docs/portal.md says what that does not hide.
/// </summary>
public sealed class OutcomeBoard(PortalDb db, PortalOptions options)
{
    private const int MaxClasses = 50;
    private const int MaxLength = 200;

    /// <summary>Counts one confirmed outcome.</summary>
    /// <param name="model">The model's digest, and what its card calls it.</param>
    /// <param name="classes">The model's classes.</param>
    /// <param name="suggested">What the model suggested: the number of a class.</param>
    /// <param name="outcome">What it was: the number of a class.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="DeskException">The model has too many classes.</exception>
    public async Task CountAsync((string Digest, string Title) model, IReadOnlyList<string> classes, int suggested, int outcome, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count > MaxClasses)
        {
            throw new DeskException($"Outcomes are counted for models of at most {MaxClasses} classes.");
        }

        string[] names = [.. classes.Select(Cut)];
        await MakeRowsAsync(model, names, cancellationToken);
        await using Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Outcomes.Where(o => o.Model == model.Digest && o.Suggested == names[suggested] && o.Outcome == names[outcome])
            .ExecuteUpdateAsync(set => set.SetProperty(o => o.Count, o => o.Count + 1), cancellationToken);

        // A new edition comes out when a whole group has come since the last one.
        if (await db.Outcomes.Where(o => o.Model == model.Digest).SumAsync(o => o.Count - o.Published, cancellationToken) >= options.SmallestGroup)
        {
            await db.Outcomes.Where(o => o.Model == model.Digest).ExecuteUpdateAsync(set => set.SetProperty(o => o.Published, o => o.Count), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>What may be shown.</summary>
    public async Task<IReadOnlyList<OutcomeLine>> ReadAsync(CancellationToken cancellationToken = default) =>
        Show(await db.Outcomes.AsNoTracking().OrderBy(o => o.Id).ToListAsync(cancellationToken), options.SmallestGroup);

    /// <summary>Makes the published counts into what may be shown.</summary>
    public static IReadOnlyList<OutcomeLine> Show(IReadOnlyList<OutcomeCount> counts, int group)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var lines = new List<OutcomeLine>();
        foreach (IGrouping<string, OutcomeCount> model in counts.GroupBy(o => o.Model))
        {
            long total = model.Sum(o => (long)o.Published);
            if (total < group)
            {
                continue;
            }

            lines.AddRange(model.Select(o => new OutcomeLine(
                o.Title,
                o.Suggested,
                o.Outcome,
                o.Published < group ? $"fewer than {group.ToString(CultureInfo.InvariantCulture)}"
                : total - o.Published < group ? "not shown: too few others"
                : string.Create(CultureInfo.InvariantCulture, $"{o.Published / group * group} or more"))));
        }

        return lines;
    }

    // All pairs at once, so that a row by itself says nothing.
    private async Task MakeRowsAsync((string Digest, string Title) model, string[] classes, CancellationToken cancellationToken)
    {
        if (await db.Outcomes.AnyAsync(o => o.Model == model.Digest, cancellationToken))
        {
            return;
        }

        OutcomeCount[] rows = [.. from suggested in classes from outcome in classes select new OutcomeCount { Model = model.Digest, Title = Cut(model.Title), Suggested = suggested, Outcome = outcome }];
        db.Outcomes.AddRange(rows);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException)
        {
            // Somebody else was first; if it was something else, the count below finds no row.
            foreach (OutcomeCount row in rows)
            {
                db.Entry(row).State = EntityState.Detached;
            }
        }
    }

    private static string Cut(string text) => text[..Math.Min(text.Length, MaxLength)];
}
