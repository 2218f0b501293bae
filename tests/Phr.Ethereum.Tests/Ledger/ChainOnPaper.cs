using System.Security.Cryptography;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>A chain in memory that can be re-organised to any depth between two questions, and that fails when it is told to: a thousand histories a second, which no node gives.</summary>
internal sealed class ChainOnPaper : IChainSource
{
    private readonly List<(FollowedBlock Block, IReadOnlyList<FollowedLog> Logs)> _chain = [];
    private readonly Dictionary<Digest, (FollowedBlock Block, IReadOnlyList<FollowedLog> Logs)> _byHash = [];
    private readonly Dictionary<Digest, FollowedTransaction> _transactions = [];
    private int _made;

    public ChainOnPaper() => Mine(0);

    public string Name { get; init; } = "the chain on paper";

    /// <summary>Called before each answer: it may re-organise, throw, or copy files.</summary>
    public Action<string>? BeforeAnswer { get; set; }

    public int MaxLogsPerAnswer { get; set; } = int.MaxValue;

    public ulong? FinalNumber { get; set; }

    public FollowedBlock Head => _chain[^1].Block;

    public int Questions { get; private set; }

    public IReadOnlyList<FollowedLog> Logs => [.. _chain.SelectMany(block => block.Logs)];

    public FollowedBlock BlockAt(int number) => _chain[number].Block;

    /// <summary>A block with logs, two of them to a transaction.</summary>
    public void Mine(int logs)
    {
        ulong number = (ulong)_chain.Count;
        Digest hash = Fresh();
        var list = new List<FollowedLog>();
        Digest transaction = default;
        for (int i = 0; i < logs; i++)
        {
            if (i % 2 == 0)
            {
                transaction = Fresh();
                _transactions.Add(transaction, new FollowedTransaction(transaction, ActorId.FromBytes(hash.ToBytes()[..20]), null, transaction.ToBytes()));
            }

            list.Add(new FollowedLog(number, hash, i * 2, transaction, [hash, Fresh()], new byte[] { (byte)i, 2, 3 }));
        }

        var block = new FollowedBlock(number, hash, number == 0 ? default : _chain[^1].Block.Hash, DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + (12 * (long)number)), Fresh());
        _chain.Add((block, list));
        _byHash.Add(hash, (block, list));
    }

    /// <summary>Takes blocks back; those of a branch that was left are not answered any more.</summary>
    public void TakeBack(int blocks)
    {
        blocks = Math.Min(blocks, _chain.Count - 1);
        foreach ((FollowedBlock block, _) in _chain[^blocks..])
        {
            _byHash.Remove(block.Hash);
        }

        _chain.RemoveRange(_chain.Count - blocks, blocks);
    }

    public Task<FollowedBlock> GetHeadAsync(CancellationToken ct) => Answer("head", () => Head);

    public Task<FollowedBlock?> FindBlockAsync(ulong number, CancellationToken ct) => Answer("number", () => number < (ulong)_chain.Count ? _chain[(int)number].Block : null);

    public Task<FollowedBlock?> FindBlockAsync(Digest hash, CancellationToken ct) => Answer("hash", () => _byHash.TryGetValue(hash, out var found) ? found.Block : null);

    public Task<FollowedBlock?> FindFinalBlockAsync(FinalityKind kind, CancellationToken ct) =>
        Answer("final", () => FinalNumber is { } number && number < (ulong)_chain.Count ? _chain[(int)number].Block : null);

    public Task<IReadOnlyList<FollowedLog>?> FindLogsAsync(Digest blockHash, CancellationToken ct) =>
        Answer("logs", () => _byHash.TryGetValue(blockHash, out var found) ? found.Logs : null);

    public Task<IReadOnlyList<FollowedLog>?> FindLogsAsync(ulong first, FollowedBlock last, CancellationToken ct) => Answer<IReadOnlyList<FollowedLog>?>("range", () =>
    {
        FollowedLog[] found = [.. _chain.Where(b => b.Block.Number >= first && b.Block.Number <= last.Number).SelectMany(b => b.Logs)];
        return last.Number >= (ulong)_chain.Count || _chain[(int)last.Number].Block.Hash != last.Hash || found.Length > MaxLogsPerAnswer ? null : found;
    });

    public Task<IReadOnlyList<FollowedTransaction?>> FindTransactionsAsync(IReadOnlyList<Digest> hashes, CancellationToken ct) =>
        Answer<IReadOnlyList<FollowedTransaction?>>("transactions", () => [.. hashes.Select(hash => _transactions.GetValueOrDefault(hash))]);

    private Task<T> Answer<T>(string question, Func<T> answer)
    {
        Questions++;
        BeforeAnswer?.Invoke(question);
        return Task.FromResult(answer());
    }

    private Digest Fresh()
    {
        byte[] seed = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(seed, ++_made);
        return Digest.FromBytes(SHA256.HashData(seed));
    }
}
