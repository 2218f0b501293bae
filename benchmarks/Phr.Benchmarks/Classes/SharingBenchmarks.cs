using BenchmarkDotNet.Attributes;
using Phr.Benchmarks.Scenes;

namespace Phr.Benchmarks.Classes;

/// <summary>Verifiable secret sharing, more than half of the trustees needed.</summary>
[MemoryDiagnoser]
public class SharingBenchmarks
{
    private SharingScene _scene = null!;

    [Params(3, 16, 255)]
    public int Trustees { get; set; }

    [GlobalSetup]
    public void SetUp() => _scene = new SharingScene(Trustees);

    [Benchmark]
    public object Split() => _scene.Split();

    [Benchmark]
    public bool Verify() => _scene.Verify();

    [Benchmark]
    public void Recombine() => _scene.Recombine().Dispose();

    [GlobalCleanup]
    public void CleanUp() => _scene.Dispose();
}
