using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Phr.Fuzz;

/// <summary>Runs a target in this process, led by coverage: an input that takes a new branch is kept, and the next inputs come from the kept ones.</summary>
internal sealed class Driver
{
    // No reader needs more than a little for each byte; what a long input claims must not be allocated before it is there.
    private const long AllocationFloor = 4 << 20;
    private const long AllocationPerByte = 2048;
    private const int HangSeconds = 20;

    private readonly FuzzTarget _target;
    private readonly CoverageMap _map;
    private readonly Mutator _mutator;
    private readonly string _crashFolder;
    private readonly List<byte[]> _corpus = [];
    private readonly HashSet<string> _crashes = [];
    private long _executions, _accepted, _began, _watched;
    private int _stillSeconds;
    private byte[] _current = [];
    private double _slowest;

    public Driver(FuzzTarget target, CoverageMap map, ulong seed, string crashFolder)
    {
        _target = target;
        _map = map;
        _mutator = new Mutator(target, seed);
        _crashFolder = crashFolder;
    }

    public FuzzResult Run(long executions, TimeSpan limit, IReadOnlyList<byte[]> kept, string? packTo, int packBytes)
    {
        using var watchdog = new Timer(_ => EndOnHang(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        // The first run of anything makes static state, whose branches are never taken again.
        byte[][] seeds = _target.Seeds();
        _map.Begin();
        foreach (byte[] seed in seeds)
        {
            if (!_target.Run([.. seed]))
            {
                throw new InvalidOperationException($"{_target.Name}: a seed is not accepted as it is.");
            }
        }

        foreach (byte[] input in seeds.Concat(kept))
        {
            Try(input, keep: true);
        }

        int seedEdges = _map.Edges;
        var clock = Stopwatch.StartNew();
        long nextReport = 10;
        // Who ends a run early keeps what came of it.
        bool ended = false;
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = ended = true);
        while (_executions < executions && clock.Elapsed < limit && !Volatile.Read(ref ended))
        {
            byte[] parent = _corpus[Pick()];
            for (int i = 0; i < 64; i++)
            {
                Try(_mutator.Mutate(_corpus, parent), keep: false);
            }

            if (clock.Elapsed.TotalSeconds > nextReport)
            {
                nextReport += 60;
                Console.Error.WriteLine($"{_target.Name}: {_executions:n0} executions, {_executions / clock.Elapsed.TotalSeconds:n0}/s, {_map.Edges} edges, {_corpus.Count} inputs, {_crashes.Count} crashes");
            }
        }

        double seconds = clock.Elapsed.TotalSeconds;
        byte[][] smallest = Minimise(Math.Max(packBytes, 64 * _target.MaxLength));
        if (packTo is not null)
        {
            CorpusFile.Write(packTo, smallest);
        }

        return new FuzzResult
        {
            Target = _target.Name,
            Executions = _executions,
            Seconds = Math.Round(seconds, 1),
            Edges = _map.Edges,
            SeedEdges = seedEdges,
            CorpusInputs = _corpus.Count,
            KeptInputs = smallest.Length,
            Accepted = _accepted,
            SlowestMilliseconds = Math.Round(_slowest, 1),
            Crashes = _crashes.Count,
        };
    }

    // The newest inputs are tried most: they are what nothing was made of yet.
    private int Pick() => _mutator.Below(2) == 0 ? _corpus.Count - 1 - _mutator.Below(1 + (_corpus.Count / 8)) : _mutator.Below(_corpus.Count);

    private void Try(byte[] input, bool keep)
    {
        _current = input;
        _map.Begin();
        Volatile.Write(ref _began, Stopwatch.GetTimestamp());
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            // A copy, so that a reader that writes to what it was given does not change what is kept.
            if (_target.Run([.. input]))
            {
                _accepted++;
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            if (allocated > AllocationFloor + (AllocationPerByte * input.Length))
            {
                throw new FuzzFaultException($"{allocated:n0} bytes were allocated for {input.Length} bytes of input.");
            }
        }
        catch (Exception e)
        {
            Report(input, e);
        }

        _slowest = Math.Max(_slowest, Stopwatch.GetElapsedTime(_began).TotalMilliseconds);
        Volatile.Write(ref _began, 0);
        _executions++;
        if (_map.AddNew() || keep)
        {
            _corpus.Add(input);
        }
    }

    private void Report(byte[] input, Exception exception)
    {
        // One input for each place that throws.
        string place = exception.GetType().Name + "|" + string.Concat((exception.StackTrace ?? "").Split('\n').Take(3));
        if (_crashes.Add(place))
        {
            Save(input, exception.ToString());
        }
    }

    private void Save(byte[] input, string why)
    {
        Directory.CreateDirectory(_crashFolder);
        string path = Path.Combine(_crashFolder, $"{_target.Name}-{CorpusFile.NameOf(input)}");
        File.WriteAllBytes(path + ".bin", input);
        File.WriteAllText(path + ".txt", why);
        Console.Error.WriteLine($"{_target.Name}: CRASH {path}.bin\n{why}");
    }

    // Seconds in which this process ran, so that one that is halted from outside does not seem to hang.
    private void EndOnHang()
    {
        long began = Volatile.Read(ref _began);
        _stillSeconds = began != 0 && began == _watched ? _stillSeconds + 1 : 0;
        _watched = began;
        if (_stillSeconds > HangSeconds)
        {
            Save(_current, $"It took more than {HangSeconds} seconds.");
            Environment.Exit(3);
        }
    }

    // Small inputs first, each that adds something, until the file is full.
    private byte[][] Minimise(int packBytes)
    {
        var covered = new HashSet<int>();
        var chosen = new List<byte[]>();
        int size = 0;
        foreach (byte[] input in _corpus.OrderBy(i => i.Length))
        {
            _map.Begin();
            try
            {
                _target.Run([.. input]);
            }
            catch (Exception)
            {
                continue;
            }

            int before = covered.Count;
            covered.UnionWith(_map.Features());
            if (covered.Count > before && size + input.Length <= packBytes)
            {
                chosen.Add(input);
                size += input.Length;
            }
        }

        return [.. chosen];
    }
}
