using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>Puts names and reviews to requests.</summary>
internal static class RequestViews
{
    /// <summary>How many stand on a page.</summary>
    public const int Shown = 100;

    /// <summary>Requests, the newest first.</summary>
    public static IEnumerable<RequestRecord> Newest(IReadOnlyList<RequestRecord> records) => records.Reverse().OrderByDescending(r => r.RequestedAt);

    /// <summary>The views of these requests, in their order.</summary>
    public static async Task<IReadOnlyList<RequestView>> MakeAsync(
        IReadOnlyList<RequestRecord> records, PortalDb db, Func<RequestId, Task<RequestReview>> reviewAsync, TimeProvider time, CancellationToken cancellationToken)
    {
        string[] actors = [.. records.SelectMany(r => new[] { r.Doctor.ToString(), r.Patient.ToString() }).Distinct()];
        Dictionary<string, PortalUser> people = await db.Users.Include(u => u.Doctor!.Hospital).Include(u => u.Patient).Where(u => u.Actor != null && actors.Contains(u.Actor)).ToDictionaryAsync(u => u.Actor!, cancellationToken);
        var views = new List<RequestView>();
        foreach (RequestRecord record in records)
        {
            RequestReview? review = null;
            try
            {
                review = record.DrawnAt is null ? null : await reviewAsync(record.Id);
            }
            catch (Exception e) when (Unreadable.Is(e))
            {
                // It is shown without what it asks; nobody can accept it then.
            }

            views.Add(new RequestView(record, people.GetValueOrDefault(record.Doctor.ToString()), people.GetValueOrDefault(record.Patient.ToString()), review, record.StatusAt(time.GetUtcNow())));
        }

        return views;
    }
}
