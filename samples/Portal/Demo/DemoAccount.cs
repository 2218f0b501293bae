namespace Phr.Samples.Portal;

/// <summary>One of the demonstration's made-up people.</summary>
public sealed record DemoAccount(int Id, string Name, PortalRole Role, string SignInName, string Password, string Passphrase);
