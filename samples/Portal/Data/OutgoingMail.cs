namespace Phr.Samples.Portal;

/// <summary>A mail: an enrolment code, a fingerprint or a notice. Never a key.</summary>
public sealed class OutgoingMail
{
    public int Id { get; set; }

    public int? UserId { get; set; }

    public PortalUser? User { get; set; }

    public string Address { get; set; } = string.Empty;

    public string Subject { get; set; } = string.Empty;

    public string Body { get; set; } = string.Empty;

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? SentAt { get; set; }

    /// <summary>When what the mail asks for was done.</summary>
    public DateTimeOffset? SeenAt { get; set; }

    public int Attempts { get; set; }
}
