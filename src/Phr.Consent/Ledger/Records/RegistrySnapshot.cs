namespace Phr.Consent;

/// <summary>The oracles that could be drawn when somebody took a snapshot of the registry.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RegistrySnapshot
{
    /// <summary>Its number; the first is 1.</summary>
    public required int Number { get; init; }

    /// <summary>The block in which it was taken.</summary>
    public required ulong Block { get; init; }

    /// <summary>The oracles in the order of their registry numbers.</summary>
    public required IReadOnlyList<RegistryEntry> Entries { get; init => field = Fields.ValueList.Of(value); }
}
