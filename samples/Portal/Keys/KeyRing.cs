using System.Collections.Concurrent;

namespace Phr.Samples.Portal;

/// <summary>
/// The keys of people: on the disk under a passphrase that is never stored, in memory for the sessions that unlocked them. They are wiped at sign-out, after a time without a page, when an account is blocked, and when
/// the portal stops. A trustee can leave the desk on duty for some hours: then share-keeping goes on without the browser, and no decision is made.
/// </summary>
public sealed class KeyRing(PortalOptions options, TimeProvider time) : IAsyncDisposable
{
    private const int MaxWordsLength = 1000;

    private readonly ConcurrentDictionary<string, Entry> _sessions = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, Entry> _onDuty = new();

    private readonly SemaphoreSlim _turn = new(1);

    // A guess at a passphrase takes much memory on purpose: so many at once, and the others wait.
    private readonly SemaphoreSlim _guesses = new(Math.Clamp(Environment.ProcessorCount, 1, 4));

    /// <summary>How many sessions hold keys.</summary>
    public int UnlockedSessions => _sessions.Count;

    /// <summary>Waits until nobody else makes keys.</summary>
    /// <returns>Dispose it to let the next one.</returns>
    public async Task<IDisposable> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        return new Turn(_turn);
    }

    /// <summary>Makes keys, keeps them under the passphrase, and unlocks them for the session.</summary>
    /// <returns>The recovery words, which are not kept anywhere.</returns>
    /// <exception cref="DeskException">There are keys already, or the passphrase cannot be used.</exception>
    public async Task<IReadOnlyList<string>> CreateAsync(PortalUser user, string session, string passphrase, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        Require(Rooms.HasKeys(user.Role), "This role has no keys.");
        Require(IsUsable(passphrase), "A passphrase has 12 to 1,024 characters and no control characters.");
        string file = FileOf(user.Id);
        Require(user.EnrolledAt is null, "There are keys already.");
        var cost = new KeyFileOptions { MemoryKib = options.KeyMemoryKib, IfExists = ExistingKeyFile.Replace };
        IReadOnlyList<string> words;
        UnlockedKeys unlocked;
        if (user.Role == PortalRole.Patient)
        {
            PatientKeys keys = PatientKeys.Generate();
            await KeyFile.SaveAsync(file, keys, passphrase.AsMemory(), cost, cancellationToken);
            using RecoveryWordsSet set = PatientRecovery.Split(keys, new SharingShape(1, [new GroupShape(1, 1)]));
            words = ReadWords(set.Lists[0]);
            unlocked = UnlockedKeys.OfPatient(user.Id, keys, FolderOf(user.Id));
        }
        else
        {
            IdentityKeys keys = IdentityKeys.Generate();
            await KeyFile.SaveAsync(file, keys, passphrase.AsMemory(), cost, cancellationToken);

            // What a trustee remembers of epochs is beside the key file, and opens with the keys that the words give back.
            using var memory = TrusteeMemory.Create(keys, []);
            using RecoveryWords list = TrusteeRecovery.ToWords(keys, memory);
            words = ReadWords(list);
            unlocked = UnlockedKeys.OfIdentity(user.Id, user.Role, keys, FolderOf(user.Id));
        }

        Put(session, unlocked);
        return words;
    }

    /// <summary>Unlocks a person's keys for a session.</summary>
    /// <returns>Whether the passphrase was right.</returns>
    public async Task<bool> UnlockAsync(PortalUser user, string session, string passphrase, CancellationToken cancellationToken)
    {
        if (await OpenAsync(user, passphrase, cancellationToken) is not { } unlocked)
        {
            return false;
        }

        Put(session, unlocked);
        return true;
    }

    /// <summary>Whether something is a person's passphrase. Nothing stays unlocked.</summary>
    public async Task<bool> IsPassphraseAsync(PortalUser user, string text, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(text);
        UnlockedKeys? opened = await OpenAsync(user, text, cancellationToken);
        opened?.Release();
        return opened is not null;
    }

    /// <summary>Puts a person's desk on duty, without a session: for a start that knows the passphrase, as the demonstration does.</summary>
    /// <returns>Whether the passphrase was right.</returns>
    public async Task<bool> BeginDutyAsync(PortalUser user, string passphrase, CancellationToken cancellationToken)
    {
        if (await OpenAsync(user, passphrase, cancellationToken) is not { } unlocked)
        {
            return false;
        }

        PutOnDuty(unlocked, options.DutyLimit);
        return true;
    }

    /// <summary>Leaves a desk on duty after the session ends, for so long at most.</summary>
    /// <returns>Whether the session has keys, and they are a trustee's.</returns>
    public bool StayOnDuty(string session, TimeSpan length)
    {
        if (!_sessions.TryGetValue(session, out Entry? entry) || entry.Keys.Role is PortalRole.Patient or PortalRole.Doctor or PortalRole.Insurer || !entry.Keys.TryHold())
        {
            return false;
        }

        PutOnDuty(entry.Keys, length < options.DutyLimit ? length : options.DutyLimit);
        return true;
    }

    /// <summary>Until when a person's desk is on duty; null when it is not.</summary>
    public DateTimeOffset? OnDutyUntil(int userId) => _onDuty.TryGetValue(userId, out Entry? entry) ? entry.Until : null;

    /// <summary>Ends a desk's duty.</summary>
    public void EndDuty(int userId)
    {
        if (_onDuty.TryRemove(userId, out Entry? entry))
        {
            entry.Keys.Release();
        }
    }

    /// <summary>Whether a session has keys. Asking counts as a sign of life.</summary>
    public bool IsUnlocked(string? session)
    {
        if (session is null || !_sessions.TryGetValue(session, out Entry? entry))
        {
            return false;
        }

        // Whoever comes too late does not get the keys back, although nobody has wiped them yet.
        if (entry.Until <= time.GetUtcNow())
        {
            Lock(session);
            return false;
        }

        entry.Until = time.GetUtcNow() + options.KeysIdle;
        return true;
    }

    /// <summary>A session's keys for as long as something is done with them; null when they are locked.</summary>
    public KeyLease? Lease(string? session) => IsUnlocked(session) && _sessions.TryGetValue(session!, out Entry? entry) && entry.Keys.TryHold() ? new KeyLease(entry.Keys) : null;

    /// <summary>The keys of everybody who is there, each person once: for the work that nobody has to click for.</summary>
    public IReadOnlyList<KeyLease> LeaseAll() =>
        [.. _onDuty.Values.Concat(_sessions.Values).DistinctBy(entry => entry.Keys.UserId).Where(entry => entry.Keys.TryHold()).Select(entry => new KeyLease(entry.Keys))];

    /// <summary>Locks a session.</summary>
    public void Lock(string? session)
    {
        if (session is not null && _sessions.TryRemove(session, out Entry? entry))
        {
            entry.Keys.Release();
        }
    }

    /// <summary>Locks all of a person's sessions, and ends the duty of their desk.</summary>
    public void LockUser(int userId)
    {
        foreach ((string session, Entry entry) in _sessions)
        {
            if (entry.Keys.UserId == userId)
            {
                Lock(session);
            }
        }

        EndDuty(userId);
    }

    /// <summary>Locks what has been idle for too long.</summary>
    public void Sweep()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((string session, Entry entry) in _sessions)
        {
            if (entry.Until <= now)
            {
                Lock(session);
            }
        }

        foreach ((int user, Entry entry) in _onDuty)
        {
            if (entry.Until <= now)
            {
                EndDuty(user);
            }
        }
    }

    /// <summary>Writes a person's keys anew from their recovery words, under another passphrase.</summary>
    /// <returns>Whether the words are this person's.</returns>
    /// <exception cref="DeskException">The passphrase cannot be used.</exception>
    public async Task<bool> RecoverAsync(PortalUser user, string text, string passphrase, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        Require(IsUsable(passphrase), "A passphrase has 12 to 1,024 characters and no control characters.");
        if (user.ActorId is not { } actor || text.Length > MaxWordsLength || !RecoveryWords.TryParse(text, out RecoveryWords? words))
        {
            return false;
        }

        var cost = new KeyFileOptions { MemoryKib = options.KeyMemoryKib, IfExists = ExistingKeyFile.Replace };
        await _guesses.WaitAsync(cancellationToken);
        using var guess = new Turn(_guesses);
        using (words)
        {
            if (user.Role == PortalRole.Patient)
            {
                if (CombineOrNull(words) is not { } keys)
                {
                    return false;
                }

                using (keys)
                {
                    if (keys.Identity.Id != actor)
                    {
                        return false;
                    }

                    await KeyFile.SaveAsync(FileOf(user.Id), keys, passphrase.AsMemory(), cost, cancellationToken);
                }
            }
            else
            {
                if (!TrusteeRecovery.TryFromWords(words, default, null, out RecoveredTrustee? recovered))
                {
                    return false;
                }

                using (recovered)
                {
                    if (recovered.Identity.Id != actor)
                    {
                        return false;
                    }

                    await KeyFile.SaveAsync(FileOf(user.Id), recovered.Identity, passphrase.AsMemory(), cost, cancellationToken);
                }
            }
        }

        LockUser(user.Id);
        return true;
    }

    public ValueTask DisposeAsync()
    {
        foreach (string session in _sessions.Keys)
        {
            Lock(session);
        }

        foreach (int user in _onDuty.Keys)
        {
            EndDuty(user);
        }

        _turn.Dispose();
        _guesses.Dispose();
        return ValueTask.CompletedTask;
    }

    private static bool IsUsable(string passphrase) => passphrase.Length is >= 12 and <= KeyFile.MaxPassphraseLength && !passphrase.Any(char.IsControl);

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new DeskException(message);
        }
    }

    private static PatientKeys? CombineOrNull(RecoveryWords words)
    {
        try
        {
            return PatientRecovery.CombineUnchecked([words]);
        }
        catch (PhrDataException)
        {
            return null;
        }
    }

    private static List<string> ReadWords(RecoveryWords words) => [.. Enumerable.Range(1, words.WordCount).Select(words.WordAt)];

    private string FolderOf(int userId) => options.PathOf("people", userId.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private string FileOf(int userId) => Path.Combine(FolderOf(userId), "main.key");

    private async Task<UnlockedKeys?> OpenAsync(PortalUser user, string passphrase, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        string file = FileOf(user.Id);
        if (passphrase.Length is 0 or > KeyFile.MaxPassphraseLength || passphrase.Any(char.IsControl) || !File.Exists(file))
        {
            return null;
        }

        await _guesses.WaitAsync(cancellationToken);
        using var guess = new Turn(_guesses);
        if (user.Role == PortalRole.Patient)
        {
            return await KeyFile.TryLoadPatientAsync(file, passphrase.AsMemory(), cancellationToken) is { } patient ? UnlockedKeys.OfPatient(user.Id, patient, FolderOf(user.Id)) : null;
        }

        return await KeyFile.TryLoadIdentityAsync(file, passphrase.AsMemory(), cancellationToken) is { } keys ? UnlockedKeys.OfIdentity(user.Id, user.Role, keys, FolderOf(user.Id)) : null;
    }

    private void Put(string session, UnlockedKeys keys)
    {
        Lock(session);
        _sessions[session] = new Entry(keys) { Until = time.GetUtcNow() + options.KeysIdle };
    }

    private void PutOnDuty(UnlockedKeys keys, TimeSpan length)
    {
        EndDuty(keys.UserId);
        _onDuty[keys.UserId] = new Entry(keys) { Until = time.GetUtcNow() + length };
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }

    private sealed class Entry(UnlockedKeys keys)
    {
        public UnlockedKeys Keys { get; } = keys;

        public DateTimeOffset Until { get; set; }
    }
}
