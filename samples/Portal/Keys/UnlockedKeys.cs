namespace Phr.Samples.Portal;

/// <summary>A person's keys while they are unlocked: in memory, and wiped when the last holder lets go. Nothing of them is ever in a cookie, a log or a file.</summary>
/// <remarks>Thread safe. Holders are the session, a desk on duty, and whatever is being done with the keys at the moment.</remarks>
public sealed class UnlockedKeys
{
    private readonly Lock _lock = new();
    private readonly List<IDisposable> _owned = [];
    private int _holders = 1;

    private UnlockedKeys(int userId, PortalRole role, IdentityKeys main, PatientKeys? patient, string folder)
    {
        UserId = userId;
        Role = role;
        Main = main;
        Patient = patient;
        MainSecrets = Own(new FileSecretStore(Path.Combine(folder, "secrets"), main));
        _owned.Add((IDisposable?)patient ?? main);
        if (role == PortalRole.RegulatoryAgency)
        {
            Desk = Own(main.DerivePersona("phr portal trustee desk"u8));
            TrusteeSecrets = Own(new FileSecretStore(Path.Combine(folder, "desk-secrets"), Desk));
        }
        else
        {
            TrusteeSecrets = MainSecrets;
        }
    }

    public int UserId { get; }

    public PortalRole Role { get; }

    /// <summary>The identity that acts.</summary>
    public IdentityKeys Main { get; }

    /// <summary>A patient's keys; null for others.</summary>
    public PatientKeys? Patient { get; }

    /// <summary>An agency's second identity, which holds shares; null for others.</summary>
    public IdentityKeys? Desk { get; }

    /// <summary>The identity that holds shares.</summary>
    public IdentityKeys Trustee => Desk ?? Main;

    public ISecretStore MainSecrets { get; }

    public ISecretStore TrusteeSecrets { get; }

    /// <summary>Titles and types of what was opened in this session, by appointment: shown in lists without opening everything again.</summary>
    internal System.Collections.Concurrent.ConcurrentDictionary<int, IReadOnlyList<DocumentInfo>> Opened { get; } = new();

    internal static UnlockedKeys OfPatient(int userId, PatientKeys keys, string folder) => new(userId, PortalRole.Patient, keys.Identity, keys, folder);

    internal static UnlockedKeys OfIdentity(int userId, PortalRole role, IdentityKeys keys, string folder) => new(userId, role, keys, null, folder);

    /// <summary>Takes hold, unless the keys are wiped already.</summary>
    internal bool TryHold()
    {
        lock (_lock)
        {
            if (_holders == 0)
            {
                return false;
            }

            _holders++;
            return true;
        }
    }

    /// <summary>Lets go. The last one wipes.</summary>
    internal void Release()
    {
        lock (_lock)
        {
            if (_holders == 0 || --_holders > 0)
            {
                return;
            }
        }

        Opened.Clear();
        foreach (IDisposable part in _owned.AsEnumerable().Reverse())
        {
            part.Dispose();
        }
    }

    /// <summary>The type's name; never a key.</summary>
    public override string ToString() => nameof(UnlockedKeys);

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }
}
