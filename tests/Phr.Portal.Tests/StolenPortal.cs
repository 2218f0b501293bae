namespace Phr.Portal.Tests;

/// <summary>A portal whose folder stays when it ends, to be looked at by whoever takes the disk.</summary>
public sealed class StolenPortal : HostilePortal
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"phr-stolen-{Guid.NewGuid():n}");
    private bool _isStopped;

    public override async ValueTask InitializeAsync() => Host = await PortalHost.StartAsync(folder: _folder, demo: true);

    /// <summary>Ends the portal, and leaves what it wrote.</summary>
    /// <returns>The folder.</returns>
    public async Task<string> StopAsync()
    {
        _isStopped = true;
        await Host.DisposeAsync();
        return _folder;
    }

    public override async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            await base.DisposeAsync();
        }

        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        GC.SuppressFinalize(this);
    }
}
