namespace Phr.Samples.Diagnosis;

/// <summary>The command line says something that the command does not understand.</summary>
internal sealed class UsageException(string message) : Exception(message);
