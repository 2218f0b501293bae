namespace Phr.Portal.Tests;

/// <summary>When keys are there, and when they are wiped.</summary>
public sealed class KeyRingTests : IAsyncLifetime
{
    private const string Passphrase = "a sentence that nobody guesses";

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"phr-keys-{Guid.NewGuid():n}");
    private readonly ManualTime _time = new();
    private readonly KeyRing _ring;
    private readonly PortalUser _guardian = new() { Id = 7, Role = PortalRole.Guardian };
    private readonly PortalUser _patient = new() { Id = 8, Role = PortalRole.Patient };

    public KeyRingTests() => _ring = new KeyRing(new PortalOptions { Folder = _folder, KeyMemoryKib = 19456 }, _time);

    public async ValueTask InitializeAsync()
    {
        await _ring.CreateAsync(_guardian, "guardian", Passphrase, CancellationToken.None);
        await _ring.CreateAsync(_patient, "patient", Passphrase, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _ring.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Sweep_IdleSession_WipesItsKeys()
    {
        UnlockedKeys keys = KeysOf("patient");
        _time.Advance(TimeSpan.FromMinutes(19));
        Assert.True(_ring.IsUnlocked("guardian"));
        _time.Advance(TimeSpan.FromMinutes(2));
        _ring.Sweep();
        Assert.False(_ring.IsUnlocked("patient"));
        Assert.True(_ring.IsUnlocked("guardian"));
        Assert.True(IsWiped(keys));
    }

    [Fact]
    public void Lock_WhileSomethingIsDone_WipesAfterwards()
    {
        using KeyLease lease = _ring.Lease("patient")!;
        UnlockedKeys keys = lease.Keys;
        _ring.Lock("patient");
        Assert.Null(_ring.Lease("patient"));
        Assert.False(IsWiped(keys));
        lease.Dispose();
        Assert.True(IsWiped(keys));
        Assert.Throws<ObjectDisposedException>(() => lease.Keys);
    }

    [Fact]
    public void Lock_AnothersSession_StaysUnlocked()
    {
        _ring.Lock("patient");
        Assert.True(_ring.IsUnlocked("guardian"));
        Assert.Null(_ring.Lease("another session"));
        Assert.Null(_ring.Lease(null));
    }

    [Fact]
    public void StayOnDuty_Guardian_OutlivesTheSessionAndEnds()
    {
        UnlockedKeys keys = KeysOf("guardian");
        Assert.True(_ring.StayOnDuty("guardian", TimeSpan.FromHours(100)));
        _ring.Lock("guardian");
        Assert.False(_ring.IsUnlocked("guardian"));
        Assert.False(IsWiped(keys));
        _time.Advance(TimeSpan.FromHours(11.9));
        _ring.Sweep();
        Assert.False(IsWiped(keys));
        _time.Advance(TimeSpan.FromHours(0.2));
        _ring.Sweep();
        Assert.Null(_ring.OnDutyUntil(_guardian.Id));
        Assert.True(IsWiped(keys));
    }

    [Fact]
    public void StayOnDuty_Patient_IsRefused() => Assert.False(_ring.StayOnDuty("patient", TimeSpan.FromHours(1)));

    [Fact]
    public void LockUser_SessionAndDuty_EndsBoth()
    {
        UnlockedKeys keys = KeysOf("guardian");
        _ring.StayOnDuty("guardian", TimeSpan.FromHours(1));
        _ring.LockUser(_guardian.Id);
        Assert.True(IsWiped(keys));
        Assert.True(_ring.IsUnlocked("patient"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a sentence that nobody guesses ")]
    [InlineData("A sentence that nobody guesses")]
    [InlineData("a sentence\nthat nobody guesses")]
    public async Task Unlock_AnotherPassphrase_IsRefused(string passphrase)
    {
        Assert.False(await _ring.UnlockAsync(_patient, "second", passphrase, CancellationToken.None));
        Assert.False(_ring.IsUnlocked("second"));
    }

    [Fact]
    public async Task Unlock_SecondSession_HasTheSameKeysOfItsOwn()
    {
        Assert.True(await _ring.UnlockAsync(_patient, "second", Passphrase, CancellationToken.None));
        UnlockedKeys first = KeysOf("patient"), second = KeysOf("second");
        Assert.Equal(first.Main.Id, second.Main.Id);
        _ring.Lock("patient");
        Assert.True(IsWiped(first));
        Assert.False(IsWiped(second));
    }

    [Theory]
    [InlineData("too short")]
    [InlineData("with a line\nbreak in it")]
    public async Task Create_UnusablePassphrase_IsRefused(string passphrase)
    {
        await Assert.ThrowsAsync<DeskException>(() => _ring.CreateAsync(new PortalUser { Id = 9, Role = PortalRole.Doctor }, "doctor", passphrase, CancellationToken.None));
        Assert.False(Directory.Exists(Path.Combine(_folder, "people", "9")));
    }

    [Fact]
    public async Task Create_CloudServersOperator_HasNoKeys() =>
        await Assert.ThrowsAsync<DeskException>(() => _ring.CreateAsync(new PortalUser { Id = 9, Role = PortalRole.CloudServer }, "cloud", Passphrase, CancellationToken.None));

    [Fact]
    public async Task Dispose_Everything_IsWiped()
    {
        UnlockedKeys patient = KeysOf("patient"), guardian = KeysOf("guardian");
        _ring.StayOnDuty("guardian", TimeSpan.FromHours(1));
        await using (var other = new KeyRing(new PortalOptions { Folder = _folder, KeyMemoryKib = 19456 }, _time))
        {
            Assert.Equal(0, other.UnlockedSessions);
        }

        _ring.LockUser(_patient.Id);
        _ring.LockUser(_guardian.Id);
        Assert.True(IsWiped(patient) && IsWiped(guardian));
        Assert.Equal(nameof(UnlockedKeys), patient.ToString());
    }

    private UnlockedKeys KeysOf(string session)
    {
        using KeyLease lease = _ring.Lease(session)!;
        return lease.Keys;
    }

    private static bool IsWiped(UnlockedKeys keys)
    {
        try
        {
            keys.Main.ExportRootSecret(new byte[32]);
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
