namespace Phr.Storage.Ipfs;

/// <summary>One endpoint's bad answer, on its way to whoever asks the next one. It does not leave the library.</summary>
internal sealed class IpfsFaultException(IpfsFault fault, Exception? innerException = null) : Exception(fault.ToString(), innerException)
{
    public IpfsFault Fault { get; } = fault;
}
