namespace Phr.Crypto;

/// <summary>What a key file says in the clear.</summary>
/// <remarks>
/// Read without the passphrase, it is only what the file claims. Opening the file proves it, because whoever alters it makes the file useless.
/// Immutable and thread safe.
/// </remarks>
public sealed class KeyFileInfo
{
    internal KeyFileInfo(KeyFileKind kind, ActorId actor, int generation, int memoryKib, int passes)
    {
        Kind = kind;
        Actor = actor;
        Generation = generation;
        MemoryKib = memoryKib;
        Passes = passes;
    }

    /// <summary>Whose root secret it protects.</summary>
    public KeyFileKind Kind { get; }

    /// <summary>The actor that the keys belong to.</summary>
    public ActorId Actor { get; }

    /// <summary>The generation of the keys, 0..65,535.</summary>
    public int Generation { get; }

    /// <summary>Memory that opening takes, in KiB; at most 1,048,576.</summary>
    public int MemoryKib { get; }

    /// <summary>Passes over that memory, 1..10.</summary>
    public int Passes { get; }
}
