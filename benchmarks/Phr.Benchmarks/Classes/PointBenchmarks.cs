using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Phr.Benchmarks.Scenes;

namespace Phr.Benchmarks.Classes;

/// <summary>Points of the curve, each to the bytes of its result.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class PointBenchmarks
{
    private readonly CurveScene _scene = new();
    private int _next;

    [Benchmark(Baseline = true), BenchmarkCategory("any point")]
    public void BouncyCastleMultiply() => _scene.BcMultiplyPoint(_next++ & 63);

    [Benchmark, BenchmarkCategory("any point")]
    public void Multiply() => _scene.MultiplyPoint(_next++ & 63);

    [Benchmark, BenchmarkCategory("any point")]
    public void MultiplyVarTime() => _scene.MultiplyPointVarTime(_next++ & 63);

    [Benchmark(Baseline = true), BenchmarkCategory("G")]
    public void BouncyCastleMultiplyBase() => _scene.BcMultiplyBase(_next++ & 63);

    [Benchmark, BenchmarkCategory("G")]
    public void MultiplyBase() => _scene.MultiplyBase(_next++ & 63);

    [Benchmark, BenchmarkCategory("U")]
    public void MultiplySecondBase() => _scene.MultiplySecondBase(_next++ & 63);

    [Benchmark(Baseline = true), BenchmarkCategory("double")]
    public void BouncyCastleLinearCombination() => _scene.BcLinearCombination(_next++ & 63);

    [Benchmark, BenchmarkCategory("double")]
    public void LinearCombinationVarTime() => _scene.LinearCombination(_next++ & 63);

    [Benchmark(Baseline = true), BenchmarkCategory("add")]
    public void BouncyCastleAdd() => _scene.BcAdd(_next++ & 63);

    [Benchmark, BenchmarkCategory("add")]
    public void Add() => _scene.Add(_next++ & 63);

    [Benchmark(Baseline = true), BenchmarkCategory("read")]
    public void BouncyCastleRead() => _scene.BcRead(_next++ & 63);

    [Benchmark, BenchmarkCategory("read")]
    public void Read() => _scene.Read(_next++ & 63);
}
