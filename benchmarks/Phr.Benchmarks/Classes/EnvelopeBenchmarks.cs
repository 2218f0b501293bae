using BenchmarkDotNet.Attributes;
using Phr.Benchmarks.Scenes;

namespace Phr.Benchmarks.Classes;

/// <summary>An envelope around 100 bytes.</summary>
[MemoryDiagnoser]
public class EnvelopeBenchmarks
{
    private readonly EnvelopeScene _scene = new();

    [Benchmark]
    public object Seal() => _scene.Seal();

    [Benchmark]
    public void Open() => _scene.Open();

    [GlobalCleanup]
    public void CleanUp() => _scene.Dispose();
}
