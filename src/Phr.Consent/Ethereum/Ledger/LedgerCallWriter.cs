using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>Writes what a transaction calls the ledger with: a command's own fields by their names, and what the contract stores only the hash of from the state.</summary>
internal sealed class LedgerCallWriter(LedgerAbi abi)
{
    private static readonly BigInteger _weiPerGwei = 1_000_000_000;

    /// <summary>A signed command, which anybody may carry.</summary>
    /// <param name="command">The command.</param>
    /// <param name="state">The state on which it will meet.</param>
    /// <param name="header">The seed block's header, for a draw; else empty.</param>
    public byte[] Write(SignedCommand command, ConsentState state, ReadOnlyMemory<byte> header = default)
    {
        byte[] signature = command.Signature.ToBytes();
        signature[^1] += 27;
        return Write(command.Command, state, header, new AbiFieldWriter().Set("actor", command.Command.Actor).Set("nonce", (BigInteger)command.Nonce).Set("signature", signature));
    }

    /// <summary>A command that its actor sends itself, from its ledger address.</summary>
    public byte[] WriteOwn(LedgerCommand command, ConsentState state, ReadOnlyMemory<byte> header = default) =>
        Write(command, state, header, new AbiFieldWriter().Set("actor", command.Actor).Set("nonce", BigInteger.Zero).Set("signature", Array.Empty<byte>()));

    /// <summary>Several calls in one transaction.</summary>
    /// <param name="calls">What the other methods wrote.</param>
    /// <param name="atomic">Whether one refusal undoes all.</param>
    public byte[] WriteBatch(IEnumerable<byte[]> calls, bool atomic) =>
        abi.FindFunction("batch")!.Function.EncodeCall(AbiValue.List(AbiValue.List(calls, call => AbiValue.Of(call)), AbiValue.Of(atomic)));

    /// <summary>The ether that goes with a command, in wei.</summary>
    public static BigInteger ValueOf(LedgerCommand command) => command is PostBond bond ? bond.Amount * _weiPerGwei : BigInteger.Zero;

    private byte[] Write(LedgerCommand command, ConsentState state, ReadOnlyMemory<byte> header, AbiFieldWriter auth)
    {
        LedgerFunction function = abi.FindFunction(command.Kind) ?? throw new InvalidOperationException($"The contract has no function for {command.Kind}.");
        AbiFieldWriter fields = AbiFieldWriter.Of(command);
        var witnesses = new LedgerWitnesses(state, command, abi, header);
        var arguments = new AbiValue[function.Inputs.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            AbiParameter parameter = function.Inputs[i];
            arguments[i] = i == arguments.Length - 1 ? auth.ToTuple(parameter.Components)
                : Find(parameter, fields, witnesses) ?? throw new InvalidOperationException($"Nothing gives the {parameter.Type} {parameter.Name} that {function.Name} wants.");
        }

        return function.Function.EncodeCall(AbiValue.List(arguments));
    }

    /// <summary>A field of the command, what the state knows, or a struct that holds fields of the command together.</summary>
    private static AbiValue? Find(AbiParameter parameter, AbiFieldWriter fields, LedgerWitnesses witnesses)
    {
        if (fields.TryGet(parameter, out AbiValue? field) || witnesses.TryGet(parameter, out field))
        {
            return field;
        }

        if (parameter.Type.Kind != AbiKind.Tuple)
        {
            return null;
        }

        AbiValue?[] members = [.. parameter.Components.Select(component => Find(component, fields, witnesses))];
        return members.All(member => member is not null) ? AbiValue.List(members!) : null;
    }
}
