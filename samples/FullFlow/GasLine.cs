namespace Phr.Samples.FullFlow;

/// <summary>What the transactions of one kind cost.</summary>
internal sealed record GasLine(int Count, ulong Least, ulong Median, ulong Most);
