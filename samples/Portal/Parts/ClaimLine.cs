namespace Phr.Samples.Portal;

/// <summary>How many claims of the ledger stand where.</summary>
/// <param name="Status">Where they stand.</param>
/// <param name="IsPartial">Whether less was approved than was claimed.</param>
/// <param name="Claims">How many.</param>
public sealed record ClaimLine(ClaimStatus Status, bool IsPartial, int Claims);
