namespace Phr.Samples.Portal;

/// <summary>How much a patient stores, in bytes as they are sealed.</summary>
/// <param name="Used">What their uploads take.</param>
/// <param name="Waiting">What their unfinished uploads will take.</param>
/// <param name="Limit">How much there is for them in all.</param>
public sealed record QuotaView(long Used, long Waiting, long Limit)
{
    /// <summary>What is left.</summary>
    public long Room => Math.Max(0, Limit - Used - Waiting);

    /// <summary>In words, for the patient.</summary>
    public string Text => Waiting == 0
        ? $"You use {PortalPipeline.Bytes(Used)} of {PortalPipeline.Bytes(Limit)}."
        : $"You use {PortalPipeline.Bytes(Used)} of {PortalPipeline.Bytes(Limit)}, and {PortalPipeline.Bytes(Waiting)} more are kept for your unfinished uploads.";
}
