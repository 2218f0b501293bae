namespace Phr.Samples.Portal;

/// <summary>What a patient wishes for an upload.</summary>
/// <param name="IsForClaim">Says whether it is for an insurance claim; asked when all files have come in, since a form says so after them.</param>
public sealed record UploadWish(Func<bool> IsForClaim)
{
    /// <summary>A wish that is known beforehand.</summary>
    public UploadWish(bool forClaim)
        : this(() => forClaim)
    {
    }

    /// <summary>The number of the form, 32 hexadecimal digits: of all uploads with the same one, one is made. Null for an upload without a form.</summary>
    public string? Once { get; init; }

    /// <summary>How many bytes the file has at the least, as far as that is known before it comes in.</summary>
    public long AtLeast { get; init; }

    /// <summary>The room that was taken for it, where it comes in as a whole.</summary>
    internal StorageHold? Hold { get; init; }
}
