namespace Phr.Samples.Portal;

/// <summary>Puts mail into the outbox, in the same transaction as what it tells of.</summary>
public sealed class Postman(PortalDb db, TimeProvider time)
{
    /// <summary>Writes to somebody. The mail goes out when the changes are saved.</summary>
    public void Post(PortalUser user, string subject, string body)
    {
        ArgumentNullException.ThrowIfNull(user);
        db.Outbox.Add(new OutgoingMail
        {
            User = user,
            Address = user.Email ?? string.Empty,
            Subject = subject,
            Body = $"Dear {user.DisplayName},\n\n{body}\n",
            CreatedAt = time.GetUtcNow(),
        });
    }
}
