namespace Phr.Samples.Portal;

/// <summary>What stands above every page of somebody who has to look at an emergency.</summary>
/// <param name="Text">What waits.</param>
/// <param name="Address">Where.</param>
public sealed record EmergencyNotice(string Text, string Address);
