using BenchmarkDotNet.Attributes;
using Phr.Benchmarks.Scenes;

namespace Phr.Benchmarks.Classes;

/// <summary>A dealing of one document and what its trustees do with it.</summary>
[MemoryDiagnoser]
public class DealingBenchmarks
{
    private WorldScene _scene = null!;

    [Params(5, 16)]
    public int Trustees { get; set; }

    [GlobalSetup]
    public void SetUp() => _scene = WorldScene.CreateAsync(Trustees, 1).GetAwaiter().GetResult();

    [Benchmark]
    public object Deal() => _scene.Deal();

    [Benchmark]
    public object VerifyDealing() => _scene.VerifyDealing();

    [Benchmark]
    public void OpenShares() => _scene.OpenShares(1, 1).Dispose();

    [Benchmark]
    public object Approve() => _scene.Approve(1, 1);

    [GlobalCleanup]
    public void CleanUp() => _scene.Dispose();
}
