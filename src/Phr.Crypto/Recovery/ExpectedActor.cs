namespace Phr.Crypto;

/// <summary>What is known of an actor from the ledger, to compare with what lists of words give: a wrong passphrase shows only so.</summary>
/// <remarks>Immutable and thread safe. Equal when all fields are.</remarks>
public sealed record ExpectedActor
{
    /// <summary>The highest generation of keys that is tried: 255.</summary>
    public const int MaxGenerationTried = 255;

    /// <summary>Says whose keys are expected.</summary>
    /// <param name="id">The actor.</param>
    /// <param name="ledgerKey">Its ledger key as the ledger has it now; it tells the generation.</param>
    /// <exception cref="ArgumentNullException"><paramref name="ledgerKey"/> is null.</exception>
    public ExpectedActor(ActorId id, PublicKey ledgerKey)
    {
        ArgumentNullException.ThrowIfNull(ledgerKey);
        Id = id;
        LedgerKey = ledgerKey;
    }

    /// <summary>The actor.</summary>
    public ActorId Id { get; }

    /// <summary>Its ledger key as the ledger has it now.</summary>
    public PublicKey LedgerKey { get; }

    internal int? FindGeneration(ReadOnlySpan<byte> root)
    {
        using SecretKeyFactory factory = SecretKeyFactory.FromSeed(root);
        for (int generation = 0; generation <= MaxGenerationTried; generation++)
        {
            using SecretKey key = IdentityKeys.MakeLedgerKey(factory, generation);
            if (key.PublicKey == LedgerKey)
            {
                return generation;
            }
        }

        return null;
    }
}
