using BenchmarkDotNet.Attributes;
using Phr.Benchmarks.Scenes;

namespace Phr.Benchmarks.Classes;

/// <summary>Umbral with 3 of 5 proxies. Its peer runs under Node: see the ratios.</summary>
[MemoryDiagnoser]
public class UmbralBenchmarks
{
    private readonly UmbralScene _scene = new();

    [Benchmark]
    public object Encrypt() => _scene.Encrypt();

    [Benchmark]
    public object DecryptOriginal() => _scene.DecryptOriginal();

    [Benchmark]
    public object GenerateKeyFrags() => _scene.GenerateKeyFrags();

    [Benchmark]
    public object VerifyKeyFrag() => _scene.VerifyKeyFrag();

    [Benchmark]
    public object Reencrypt() => _scene.Reencrypt();

    [Benchmark]
    public object VerifyCapsuleFrag() => _scene.VerifyCapsuleFrag();

    [Benchmark]
    public void VerifySixteenOneByOne() => _scene.VerifyManyOneByOne();

    [Benchmark]
    public void VerifySixteenAtOnce() => _scene.VerifyMany();

    [Benchmark]
    public object DecryptReencrypted() => _scene.DecryptReencrypted();

    [GlobalCleanup]
    public void CleanUp() => _scene.Dispose();
}
