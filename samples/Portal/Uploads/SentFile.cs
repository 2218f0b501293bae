namespace Phr.Samples.Portal;

/// <summary>One of the files of an upload, while it comes in.</summary>
/// <param name="Name">Its name, as the browser said it.</param>
/// <param name="Content">What is in it. It can be read once, and only until the next file is asked for.</param>
public sealed record SentFile(string Name, Stream Content);
