namespace Phr.Fuzz;

/// <summary>A reader accepted what it must not, or wrote something else than it read.</summary>
internal sealed class FuzzFaultException(string message) : Exception(message);
