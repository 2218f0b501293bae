namespace Phr.Portal.Tests;

/// <summary>Somebody who tries every form that they come to.</summary>
/// <param name="name">Who it is.</param>
/// <param name="role">What they are in the portal: what one of a role has tried, the next one does not try again.</param>
/// <param name="visitor">Their browser.</param>
internal sealed class Walker(string name, string role, Visitor visitor) : IDisposable
{
    public string Name => name;

    public string Role => role;

    public Visitor Visitor { get; private set; } = visitor;

    /// <summary>Their password.</summary>
    public string Password { get; set; } = HostilePortal.Password;

    /// <summary>Whether the account is there for this walk alone, so that its password may become another one.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Brings a form back that is not on its page any more, because it did its work; null where that cannot be.</summary>
    public Func<Walker, PageForm, Task<PageForm?>> Restore { get; init; } = (_, _) => Task.FromResult<PageForm?>(null);

    /// <summary>Goes on with another account.</summary>
    public void Become(Visitor another)
    {
        Visitor.Dispose();
        Visitor = another;
        Password = HostilePortal.Password;
    }

    public void Dispose() => Visitor.Dispose();
}
