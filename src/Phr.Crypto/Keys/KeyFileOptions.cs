namespace Phr.Crypto;

/// <summary>How a key file is written: what one guess of the passphrase costs, and what happens to a file that is there.</summary>
/// <remarks>The costs are those of Argon2id (RFC 9106) with one lane; they are stored in the file, and whoever opens it pays them once. Immutable.</remarks>
public sealed class KeyFileOptions
{
    /// <summary>The least memory of a new file in KiB: 19,456 (19 MiB).</summary>
    public const int MinMemoryKib = 19 << 10;

    /// <summary>The most memory of any file in KiB: 1,048,576 (1 GiB). A file that asks for more is not opened.</summary>
    public const int MaxMemoryKib = 1 << 20;

    /// <summary>The fewest passes of a new file: 2.</summary>
    public const int MinPasses = 2;

    /// <summary>The most passes of any file: 10. A file that asks for more is not opened.</summary>
    public const int MaxPasses = 10;

    /// <summary>Memory of one guess in KiB.</summary>
    /// <value>19,456..1,048,576; 65,536 (64 MiB) by default.</value>
    public int MemoryKib { get; init; } = 64 << 10;

    /// <summary>Passes over the memory.</summary>
    /// <value>2..10; 3 by default.</value>
    public int Passes { get; init; } = 3;

    /// <summary>What happens to a file that is there already.</summary>
    /// <value><see cref="ExistingKeyFile.Refuse"/> by default.</value>
    public ExistingKeyFile IfExists { get; init; }
}
