using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>What every client stands on: the ledger, the two stores, and a clock.</summary>
/// <remarks>Immutable; as thread safe as its parts. The caller owns and disposes the parts.</remarks>
public sealed class ConsentServices
{
    /// <summary>The ledger.</summary>
    public required IConsentLedger Ledger { get; init; }

    /// <summary>Where sealed documents lie: any store, also a public one; it holds ciphertext only.</summary>
    public required IContentStore Records { get; init; }

    /// <summary>
    /// Where headers, dealings, envelopes, approvals and deliveries lie: a store that only the parties reach. What lies there is
    /// sealed or signed, but tells who deals with whom.
    /// </summary>
    public required IContentStore Exchange { get; init; }

    /// <summary>Remembers how far the ledger had come, so that a history which does not extend it is refused; null to remember nothing.</summary>
    public LedgerHeadMemory? HeadMemory { get; init; }

    /// <summary>The clock.</summary>
    /// <value>Default <see cref="TimeProvider.System"/>.</value>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    // Oracles' key records by digest. Reading one verifies its signatures, and the same few come again in every committee.
    internal System.Collections.Concurrent.ConcurrentDictionary<Phr.Crypto.Digest, Phr.Crypto.KeyRecord> KeyRecords { get; } = new();

    // Charters that were verified down to the founding one.
    internal System.Collections.Concurrent.ConcurrentDictionary<Phr.Crypto.Digest, Phr.Crypto.TeamCharter> VerifiedCharters { get; } = new();

    /// <summary>How many cores sealing and opening one document may use at once.</summary>
    /// <value>1 to <see cref="BundleWriterOptions.MaxParallelism"/>; 1 unless said. More is worth it from some MiB on, and more than three give nothing.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside the range.</exception>
    public int Parallelism
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, BundleWriterOptions.MaxParallelism);
            field = value;
        }
    } = 1;

    // Verifying a dealing costs thousands of multiplications and gives the same every time.
    internal System.Collections.Concurrent.ConcurrentDictionary<Phr.Crypto.Digest, Phr.Crypto.VerifiedDealing> VerifiedDealings { get; } = new();
}
