namespace Phr.Samples.Portal;

/// <summary>What a patient wishes for an upload.</summary>
/// <param name="ForClaim">Whether it is for an insurance claim.</param>
public sealed record UploadWish(bool ForClaim)
{
    /// <summary>The number of the form, 32 hexadecimal digits: of all uploads with the same one, one is made. Null for an upload without a form.</summary>
    public string? Once { get; init; }
}
