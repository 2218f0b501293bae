namespace Phr.Samples.Portal;

/// <summary>An upload of which not everything has come in yet: whose, how long, and since when. Its name and the digests of its parts are sealed with the patient's secrets, the parts themselves lie sealed beside the database.</summary>
public sealed class UnfinishedUpload : IHasParties
{
    public int Id { get; set; }

    public int PatientId { get; set; }

    public PortalUser? Patient { get; set; }

    /// <summary>What names the upload in addresses, and the bundle that it becomes: 32 hexadecimal digits that the upload page drew.</summary>
    public string Once { get; set; } = string.Empty;

    /// <summary>The file's length in bytes.</summary>
    public long Length { get; set; }

    /// <summary>The length of every part but the last.</summary>
    public int PartLength { get; set; }

    /// <summary>Whether the patient marked it for an insurance claim.</summary>
    public bool ForClaim { get; set; }

    public DateTimeOffset BegunAt { get; set; }

    /// <summary>When something of it came in last.</summary>
    public DateTimeOffset TouchedAt { get; set; }

    /// <summary>How many parts it has.</summary>
    public int Parts => PartsOf(Length, PartLength);

    /// <summary>How many parts a file has.</summary>
    public static int PartsOf(long length, int partLength) => checked((int)((length + partLength - 1) / partLength));

    /// <summary>How long one part is.</summary>
    public int LengthOf(int part) => (int)Math.Min(PartLength, Length - ((long)part * PartLength));

    public bool HasParty(Party who) => who.UserId == PatientId;
}
