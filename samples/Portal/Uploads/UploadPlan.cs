namespace Phr.Samples.Portal;

/// <summary>What a browser says before it sends a file in parts.</summary>
public sealed record UploadPlan
{
    /// <summary>The length of a part's digest: that of SHA-256.</summary>
    public const int DigestLength = 32;

    /// <summary>The most parts of one file. What is larger goes as a whole.</summary>
    public const int MaxParts = 1 << 14;

    /// <summary>The number of the form, 32 hexadecimal digits.</summary>
    public string? Once { get; init; }

    /// <summary>The unfinished upload that shall go on; null for a new one.</summary>
    public string? GoOn { get; init; }

    /// <summary>The file's name.</summary>
    public string? Name { get; init; }

    /// <summary>The file's length.</summary>
    public long Length { get; init; }

    /// <summary>The length of every part but the last.</summary>
    public int PartLength { get; init; }

    /// <summary>Whether it is for an insurance claim.</summary>
    public bool ForClaim { get; init; }

    /// <summary>SHA-256 of each part, one after the other.</summary>
    public ReadOnlyMemory<byte> Digests { get; init; }

    /// <summary>Whether this is the number of a form.</summary>
    public static bool IsOnce(string? once) => once is { Length: 32 } && !once.AsSpan().ContainsAnyExcept("0123456789abcdef");
}
