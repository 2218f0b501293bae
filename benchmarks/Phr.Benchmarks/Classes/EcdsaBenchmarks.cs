using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Phr.Benchmarks.Scenes;

namespace Phr.Benchmarks.Classes;

/// <summary>Signatures over digests, with RFC 6979 nonces.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class EcdsaBenchmarks
{
    private readonly CurveScene _scene = new();
    private int _next;

    [Benchmark(Baseline = true), BenchmarkCategory("sign")]
    public object BouncyCastleSign() => _scene.BcSign(_next++ & 63);

    [Benchmark, BenchmarkCategory("sign")]
    public object Sign() => _scene.Sign(_next++ & 63);

    [Benchmark(Baseline = true), BenchmarkCategory("verify")]
    public void BouncyCastleVerify() => _scene.BcVerify(_next++ & 63);

    [Benchmark, BenchmarkCategory("verify")]
    public void Verify() => _scene.Verify(_next++ & 63);
}
