namespace Phr.Samples.Portal;

/// <summary>What a patient wishes for an upload.</summary>
/// <param name="ForClaim">Whether it is for an insurance claim.</param>
public sealed record UploadWish(bool ForClaim);
