namespace Phr.Soak.Throughput;

/// <summary>How one oracle got through a backlog.</summary>
/// <param name="Work">The backlog.</param>
/// <param name="Processes">Processes that served the oracle.</param>
/// <param name="Elapsed">From the moment at which the first process was open until the last job was delivered.</param>
/// <param name="Processor">Processor time of all processes in that time.</param>
/// <param name="Kernel">The part of it that the operating system took: files, syncs, locks. Zero where it was not taken apart.</param>
/// <param name="Bare">What re-encryptions alone take, measured before and after on the same machine.</param>
internal sealed record Measured(Work Work, int Processes, TimeSpan Elapsed, TimeSpan Processor, TimeSpan Kernel, BareRate Bare)
{
    /// <summary>Jobs in a second.</summary>
    public double Rate => Work.Jobs / Elapsed.TotalSeconds;

    /// <summary>Jobs in a second of processor time.</summary>
    public double RatePerCore => Work.Jobs / Processor.TotalSeconds;

    /// <summary>Which share of the processor time the operating system took.</summary>
    public double KernelShare => Kernel / Processor;

    /// <summary>Cores that were at work, in the mean.</summary>
    public double Cores => Processor / Elapsed;

    /// <summary>Which share of the processor time the re-encryptions alone would have taken.</summary>
    public double Share => Work.Jobs * Work.Fragments * Bare.Reencryption / Processor;

    /// <summary>The same with the verification of each fragment, without which nobody may re-encrypt.</summary>
    public double VerifiedShare => Work.Jobs * Work.Fragments * Bare.Verified / Processor;
}
