using BenchmarkDotNet.Attributes;
using Phr.Benchmarks.Scenes;
using Phr.Crypto;

namespace Phr.Benchmarks.Classes;

/// <summary>A bundle of one document, sealed to content ids and kept nowhere.</summary>
[MemoryDiagnoser]
public class BundleBenchmarks
{
    private readonly PatientKeys _patient = PatientKeys.Generate();

    [Params(1 << 10, 1 << 20, 64 << 20)]
    public int Length { get; set; }

    [Benchmark]
    public async Task<object> Seal()
    {
        await using BundleWriter writer = BundleWriter.Create(new HashingSink(), _patient, new LedgerId(0, _patient.Identity.Id));
        await writer.AddAsync(new ZeroStream(Length), new DocumentInfo("zeros", "application/octet-stream"));
        return await writer.CompleteAsync();
    }

    [GlobalCleanup]
    public void CleanUp() => _patient.Dispose();
}
