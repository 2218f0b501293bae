using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>A doctor's own licence: how it stands, and what the doctor can do about it.</summary>
public sealed class LicenceDesk(DeskParts parts) : Desk(parts)
{
    /// <summary>Longest licence number or speciality, as at the registration.</summary>
    public const int MaxLine = 64;

    /// <summary>How the licence of the doctor who asks stands.</summary>
    public async Task<LicenceView> ReadAsync(CancellationToken cancellationToken = default) => await Licences.ReadAsync(await RequireDoctorAsync(), cancellationToken);

    /// <summary>Corrects what the licence is about, and asks the agency to look again.</summary>
    /// <exception cref="DeskException">There is nothing to ask for now, or what was written is no licence number or speciality.</exception>
    public async Task AskAgainAsync(string? licenceNumber, string? speciality, CancellationToken cancellationToken = default)
    {
        PortalUser me = await RequireDoctorAsync();
        LicenceView view = await Licences.ReadAsync(me, cancellationToken);
        if (!view.MayAsk)
        {
            throw new DeskException(view.Holds ? "Your licence holds, and the agency renews it without being asked." : $"{view.Title.TrimEnd('.')}. {view.Advice}");
        }

        me.Doctor!.LicenceNumber = LineOf("The licence number", licenceNumber);
        me.Doctor.Speciality = LineOf("The speciality", speciality);
        me.Doctor.RefusalReason = null;
        foreach (PortalUser agency in await Db.Users.Where(u => u.Role == PortalRole.RegulatoryAgency && u.Admission == Admission.Admitted).ToListAsync(cancellationToken))
        {
            Postman.Post(agency, "A doctor asks for a licence", "Sign in to the portal to look the licence up, and to record or refuse it.");
        }

        await Db.SaveChangesAsync(cancellationToken);
    }

    private async Task<PortalUser> RequireDoctorAsync()
    {
        PortalUser me = await Person.RequireAsync();
        return me.Doctor is not null ? me : throw new NotFoundHereException();
    }

    private static string LineOf(string what, string? text)
    {
        string line = (text ?? string.Empty).Trim();
        return line.Length is 0 or > MaxLine ? throw new DeskException($"{what} has 1 to {MaxLine} characters.")
            : PlainText.IsLine(line) ? line
            : throw new DeskException($"{what} {PlainText.Refusal}.");
    }
}
