namespace Phr.Samples.Portal;

/// <summary>An oracle of somebody else, as the ledger has it.</summary>
/// <param name="Record">What the ledger has.</param>
/// <param name="WhyNot">Why no committee is drawn with it, as a sentence; null where it can be drawn.</param>
/// <param name="Open">How many granted requests wait for its delivery.</param>
public sealed record OracleLine(OracleRecord Record, string? WhyNot, int Open);
