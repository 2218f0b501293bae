using Microsoft.AspNetCore.Components;

namespace Phr.Samples.Portal.Components.Shared;

/// <summary>
/// A part of a page that asks for something by itself. It does so while its page, or another part, waits for the database too, and one database context answers one question at a time: so it has a desk, and all that
/// the desk is made from, of its own. They go when the work of the part is over, and not before.
/// </summary>
/// <typeparam name="TDesk">The desk.</typeparam>
public abstract class DeskComponent<TDesk> : ComponentBase, IAsyncDisposable
    where TDesk : notnull
{
    private AsyncServiceScope? _scope;
    private TDesk? _desk;
    private Task _loading = Task.CompletedTask;

    [Inject]
    internal IServiceScopeFactory Scopes { get; set; } = default!;

    /// <summary>The desk of this part alone.</summary>
    protected TDesk Desk
    {
        get
        {
            _scope ??= Scopes.CreateAsyncScope();
            return _desk ??= _scope.Value.ServiceProvider.GetRequiredService<TDesk>();
        }
    }

    /// <inheritdoc/>
    protected sealed override Task OnInitializedAsync() => _loading = LoadAsync();

    /// <summary>Asks for what is shown.</summary>
    protected abstract Task LoadAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _loading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_scope is { } scope)
        {
            await scope.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }
}
