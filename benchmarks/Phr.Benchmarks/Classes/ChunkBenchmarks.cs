using BenchmarkDotNet.Attributes;
using Phr.Benchmarks.Scenes;

namespace Phr.Benchmarks.Classes;

/// <summary>One chunk of 64 KiB in memory. Nothing may be allocated.</summary>
[MemoryDiagnoser]
public class ChunkBenchmarks
{
    private readonly ChunkScene _scene = new();
    private int _next;

    [Benchmark]
    public void Seal() => _scene.Seal(_next++ & 63);

    [Benchmark]
    public void Open()
    {
        // Whatever Seal left there opens.
        _scene.Open(_next++ & 63);
    }

    [Benchmark]
    public void SealAndHash() => _scene.SealAndHash(_next++ & 63);

    [GlobalCleanup]
    public void CleanUp() => _scene.Dispose();
}
