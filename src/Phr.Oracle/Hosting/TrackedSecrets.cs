using Phr.Crypto;
using Phr.Oracle.Telemetry;

namespace Phr.Oracle.Hosting;

/// <summary>The oracle's secrets, which tell a service whether they can be used: while one of them cannot be read, or none can be written, that another one can is no comfort. Thread safe.</summary>
internal sealed class TrackedSecrets(ISecretStore inner, OracleState state) : ISecretStore
{
    // No secret's name has the first characters of these two.
    private const string Writing = "+";
    private const string Listing = "*";
    private const string Trial = "write-trial";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, string> _faults = new(StringComparer.Ordinal);

    public Task PutAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default) => AskAsync(Writing, async () =>
    {
        await inner.PutAsync(name, secret, cancellationToken).ConfigureAwait(false);
        return true;
    });

    public Task<bool> TryAddAsync(string name, ReadOnlyMemory<byte> secret, CancellationToken cancellationToken = default) => AskAsync(Writing, () => inner.TryAddAsync(name, secret, cancellationToken));

    public Task<SecretValue?> GetAsync(string name, CancellationToken cancellationToken = default) => AskAsync(name, () => inner.GetAsync(name, cancellationToken));

    public Task<bool> DeleteAsync(string name, CancellationToken cancellationToken = default) => AskAsync(Writing, () => inner.DeleteAsync(name, cancellationToken));

    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken = default) => AskAsync(Listing, () => inner.ListAsync(prefix, cancellationToken));

    /// <summary>Tries once more what failed last, since nothing else may ask for it any more. Tells nobody but the state.</summary>
    public async Task LookAgainAsync(CancellationToken cancellationToken)
    {
        string[] failed;
        lock (_lock)
        {
            failed = [.. _faults.Keys];
        }

        foreach (string what in failed)
        {
            try
            {
                switch (what)
                {
                    case Listing:
                        await ListAsync(string.Empty, cancellationToken).ConfigureAwait(false);
                        break;
                    case Writing:
                        await PutAsync(Trial, new byte[1], cancellationToken).ConfigureAwait(false);
                        await DeleteAsync(Trial, cancellationToken).ConfigureAwait(false);
                        break;
                    default:
                        (await GetAsync(what, cancellationToken).ConfigureAwait(false))?.Dispose();
                        break;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // It is remembered.
            }
        }
    }

    private async Task<T> AskAsync<T>(string what, Func<Task<T>> ask)
    {
        try
        {
            T answer = await ask().ConfigureAwait(false);
            Remember(what, null);
            return answer;
        }
        catch (Exception e) when (e is not (OperationCanceledException or ArgumentException))
        {
            Remember(what, Fault.Describe(e));
            throw;
        }
    }

    // In the order in which it happened, so that the last word is the right one.
    private void Remember(string what, string? fault)
    {
        lock (_lock)
        {
            if (fault is null)
            {
                _faults.Remove(what);
            }
            else
            {
                _faults[what] = fault;
            }

            state.Remember(OraclePart.Secrets, _faults.Values.FirstOrDefault());
        }
    }
}
