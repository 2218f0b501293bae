namespace Phr.Samples.Portal;

/// <summary>Lets those who want the same thing do it one after another.</summary>
public sealed class Turns
{
    private readonly Dictionary<string, Gate> _gates = new(StringComparer.Ordinal);

    /// <summary>Waits for a turn.</summary>
    /// <returns>Dispose it to let the next one.</returns>
    public async Task<IDisposable> TakeAsync(string what, CancellationToken cancellationToken)
    {
        Gate gate = Join(what);
        try
        {
            await gate.Open.WaitAsync(cancellationToken);
            return new Turn(this, what, gate);
        }
        catch
        {
            Leave(what, gate);
            throw;
        }
    }

    /// <summary>Takes a turn if nobody has it.</summary>
    /// <returns>Dispose it to let the next one; null when somebody has it.</returns>
    public IDisposable? TryTake(string what)
    {
        Gate gate = Join(what);
        if (gate.Open.Wait(0))
        {
            return new Turn(this, what, gate);
        }

        Leave(what, gate);
        return null;
    }

    private Gate Join(string what)
    {
        lock (_gates)
        {
            if (!_gates.TryGetValue(what, out Gate? gate))
            {
                _gates[what] = gate = new Gate();
            }

            gate.Users++;
            return gate;
        }
    }

    private void Leave(string what, Gate gate)
    {
        lock (_gates)
        {
            if (--gate.Users == 0)
            {
                _gates.Remove(what);
                gate.Open.Dispose();
            }
        }
    }

    private sealed class Gate
    {
        public SemaphoreSlim Open { get; } = new(1);

        public int Users { get; set; }
    }

    private sealed class Turn(Turns turns, string what, Gate gate) : IDisposable
    {
        private int _over;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _over, 1) == 0)
            {
                gate.Open.Release();
                turns.Leave(what, gate);
            }
        }
    }
}
