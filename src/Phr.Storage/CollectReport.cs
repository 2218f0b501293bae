namespace Phr.Storage;

/// <summary>Says what <see cref="IContentStore.CollectAsync"/> removed.</summary>
/// <param name="Objects">Number of objects.</param>
/// <param name="Bytes">Bytes of their content.</param>
/// <remarks>Immutable and thread safe. The default value says that nothing was removed.</remarks>
public readonly record struct CollectReport(long Objects, long Bytes);
