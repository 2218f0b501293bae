using Phr.Storage;

namespace Phr.Samples.Portal;

/// <summary>What is sealed cannot be read now: a part of it is missing or damaged, or its store cannot be reached. One such thing takes nothing else with it.</summary>
internal static class Unreadable
{
    /// <summary>What it is called in lists.</summary>
    public const string Title = "an upload that cannot be read now";

    /// <summary>What to do.</summary>
    public const string Advice = "A part of what is sealed is missing or damaged, or its store cannot be reached. Load this page again in some minutes. If it stays so, tell the operator of the portal which upload it is; whoever still has the file can upload it again.";

    /// <summary>Whether this is what a fault says.</summary>
    public static bool Is(Exception fault) =>
        fault is PhrDataException or IpfsUnavailableException or EthereumUnavailableException or UnauthorizedAccessException || (fault is IOException && fault is not BadHttpRequestException);

    /// <summary>What to say of a fault: what was found in the data, or, where it says where things lie, what to do.</summary>
    public static string Say(Exception fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault is IOException or UnauthorizedAccessException or IpfsUnavailableException or EthereumUnavailableException ? Advice : fault.Message;
    }
}
