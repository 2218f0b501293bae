using System.Collections.Concurrent;

namespace Phr.Samples.Portal;

/// <summary>How much room the uploads have that are coming in as a whole at this moment, by patient: their length is known when they end.</summary>
public sealed class StorageHolds
{
    private readonly ConcurrentDictionary<int, long> _held = new();

    /// <summary>What is held for a patient, in bytes.</summary>
    public long Of(int patient) => _held.GetValueOrDefault(patient);

    internal void Add(int patient, long bytes) => _held.AddOrUpdate(patient, bytes, (_, held) => held + bytes);
}
