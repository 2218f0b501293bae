using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json.Serialization;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>A block's header as a node gives it, with the hashes of the block's transactions.</summary>
/// <remarks>
/// What a node says about a header proves itself: <see cref="ToRlp"/> rebuilds the bytes whose Keccak-256 is the block's hash. Sources: Ethereum Yellow Paper 4.4.3; EIP-1559, 4399, 4895, 4844, 4788 and 7685 for the fields
/// added since. Immutable.
/// </remarks>
internal sealed record BlockHeader
{
    private const int BloomLength = 256;
    private const int NonceLength = 8;

    public required Digest Hash { get; init; }

    public required Digest ParentHash { get; init; }

    public required Digest Sha3Uncles { get; init; }

    public required ActorId Miner { get; init; }

    public required Digest StateRoot { get; init; }

    public required Digest TransactionsRoot { get; init; }

    public required Digest ReceiptsRoot { get; init; }

    public required AbiBytes LogsBloom { get; init; }

    public required BigInteger Difficulty { get; init; }

    public required ulong Number { get; init; }

    public required ulong GasLimit { get; init; }

    public required ulong GasUsed { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required ulong Timestamp { get; init; }

    public required AbiBytes ExtraData { get; init; }

    /// <summary>Since the merge the beacon chain's randomness of the block before.</summary>
    public required Digest MixHash { get; init; }

    public required AbiBytes Nonce { get; init; }

    /// <summary>Since London.</summary>
    public BigInteger? BaseFeePerGas { get; init; }

    /// <summary>Since Shanghai.</summary>
    public Digest? WithdrawalsRoot { get; init; }

    /// <summary>Since Cancun, as the next two.</summary>
    public ulong? BlobGasUsed { get; init; }

    public ulong? ExcessBlobGas { get; init; }

    public Digest? ParentBeaconBlockRoot { get; init; }

    /// <summary>Since Prague.</summary>
    public Digest? RequestsHash { get; init; }

    public ImmutableArray<Digest> Transactions { get; init; } = [];

    /// <summary>The block's time.</summary>
    [JsonIgnore]
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(Timestamp, 253402300799));

    /// <summary>The header's bytes, as they are hashed.</summary>
    /// <exception cref="PhrDataException">The bloom or the nonce has a wrong length.</exception>
    public byte[] ToRlp()
    {
        if (LogsBloom.Length != BloomLength || Nonce.Length != NonceLength)
        {
            throw Fault(PhrDataReason.WrongLength, "the bloom has 256 bytes and the nonce 8.");
        }

        var fields = new List<RlpItem>
        {
            Of(ParentHash),
            Of(Sha3Uncles),
            RlpItem.Of(Miner.ToBytes()),
            Of(StateRoot),
            Of(TransactionsRoot),
            Of(ReceiptsRoot),
            RlpItem.Of(LogsBloom.Memory),
            RlpItem.Of(Difficulty),
            RlpItem.Of(Number),
            RlpItem.Of(GasLimit),
            RlpItem.Of(GasUsed),
            RlpItem.Of(Timestamp),
            RlpItem.Of(ExtraData.Memory),
            Of(MixHash),
            RlpItem.Of(Nonce.Memory),
        };

        // Whatever is there, in the order of the forks. A node could leave out or add what it likes; the hash tells.
        Add(BaseFeePerGas, f => RlpItem.Of(f));
        Add(WithdrawalsRoot, Of);
        Add(BlobGasUsed, f => RlpItem.Of(f));
        Add(ExcessBlobGas, f => RlpItem.Of(f));
        Add(ParentBeaconBlockRoot, Of);
        Add(RequestsHash, Of);
        return RlpItem.List(fields).ToBytes();

        void Add<T>(T? field, Func<T, RlpItem> convert)
            where T : struct
        {
            if (field is { } value)
            {
                fields.Add(convert(value));
            }
        }
    }

    /// <summary>Whether the header has the hash that the node gives it.</summary>
    public bool IsHashRight() => Digest.FromBytes(Keccak256.HashData(ToRlp())) == Hash;

    /// <summary>This header, if it has its hash.</summary>
    /// <exception cref="PhrDataException">It has not.</exception>
    public BlockHeader Verified() => IsHashRight() ? this : throw Fault(PhrDataReason.DigestMismatch, "the fields do not have the block's hash.");

    private static RlpItem Of(Digest digest) => RlpItem.Of(digest.ToBytes());

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new("block header", reason, detail);
}
