using System.Globalization;
using System.Text;
using Phr.Records;
using Phr.Samples.Portal.Components;

namespace Phr.Samples.Portal;

/// <summary>The tables of a track record as CSV, filtered as on its page.</summary>
internal static class TrackExports
{
    public const string Laboratory = "laboratory";
    public const string Events = "encounters";
    public const string Access = "access";

    public static void MapTrackExports(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/patient/record/export", async (HttpContext context, TrackDesk desk) =>
            Export(context, desk, await desk.OwnAsync(context.RequestAborted))).RequireAuthorization(Rooms.Patient).WithMetadata(new NeedsKeysAttribute());

        routes.MapGet("/doctor/appointments/{id:int}/record/export", async (int id, HttpContext context, TrackDesk desk) =>
            Export(context, desk, (await desk.GrantedAsync(id, context.RequestAborted)).Sheet)).RequireAuthorization(Rooms.Doctor).WithMetadata(new NeedsKeysAttribute());
    }

    private static IResult Export(HttpContext context, TrackDesk desk, TrackSheet? all)
    {
        TrackSheet sheet = (all ?? throw new NotFoundHereException()).Where(TrackQuery.Read(context.Request.Query), desk.Zone);
        string table = context.Request.Query["table"].ToString();
        string csv = table switch
        {
            Laboratory => LaboratoryCsv.Write(sheet.Laboratory.Rows.Select(r => r with { Analyte = CsvTable.Safe(r.Analyte), Unit = CsvTable.Safe(r.Unit) })),
            Events => CsvTable.Write([["time", "what", "who", "about"], .. sheet.Events.Select(e => new[] { Time(e.At), e.What, e.Who, e.About })]),
            Access => CsvTable.Write(
            [
                ["who", "documents", "purpose", "reason", "asked", "until", "granted", "granted_by", "delivered", "confirmed_opened", "state", "emergency"],
                .. sheet.Access.Select(a => new[]
                {
                    a.Who, a.Documents, a.Purpose, a.Reason, Time(a.Request.RequestedAt), Time(a.Request.NotAfter), Time(a.Granted), a.GrantedBy, Time(a.Delivered), Time(a.Request.OpenedAt), Words.Of(a.Request, a.Status), a.IsEmergency ? "yes" : "no",
                }),
            ]),
            _ => throw new NotFoundHereException(),
        };
        return Results.File(Encoding.UTF8.GetBytes(csv), "text/csv; charset=utf-8", $"{table}.csv");
    }

    private static string Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? string.Empty;
}
