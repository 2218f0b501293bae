using System.Net;
using System.Net.Sockets;

namespace Phr.TestSupport;

/// <summary>Ports of this machine for programs that cannot choose one themselves.</summary>
internal static class LoopbackPort
{
    /// <summary>A port that nobody listens on now. Another process may take it before the caller does.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
