using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Phr.Benchmarks.Scenes;

namespace Phr.Benchmarks.Classes;

/// <summary>Numbers modulo the group order. BouncyCastle's are not constant in time.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class ScalarBenchmarks
{
    private readonly CurveScene _scene = new();
    private int _next;

    [Benchmark(Baseline = true), BenchmarkCategory("multiply")]
    public object BouncyCastleMultiply() => _scene.BcMultiply(_next++ & 63);

    [Benchmark, BenchmarkCategory("multiply")]
    public void Multiply() => _scene.Multiply(_next++ & 63);

    [Benchmark(Baseline = true), BenchmarkCategory("invert")]
    public object BouncyCastleInvert() => _scene.BcInvert(_next++ & 63);

    [Benchmark, BenchmarkCategory("invert")]
    public void Invert() => _scene.Invert(_next++ & 63);

    [Benchmark, BenchmarkCategory("invert")]
    public void InvertVarTime() => _scene.InvertVarTime(_next++ & 63);

    [Benchmark, BenchmarkCategory("split")]
    public void SplitGlv() => _scene.Split(_next++ & 63);
}
