using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>Finds the signed commands in what a transaction called the ledger with. Anybody may have written it, so what cannot be read is passed over.</summary>
internal sealed class LedgerCallReader(LedgerAbi abi, LedgerId ledger)
{
    private const int MaxDepth = 3;

    private static readonly Dictionary<string, LedgerCommand> _blanks = CommandKinds.Blanks.ToDictionary(
        blank => char.ToLowerInvariant(blank.Kind.ToString()[0]) + blank.Kind.ToString()[1..], StringComparer.Ordinal);

    /// <summary>The commands, in the order in which they stand; their signatures are well formed but not yet compared with anybody's key.</summary>
    public IReadOnlyList<SignedCommand> Read(ReadOnlyMemory<byte> callData)
    {
        var commands = new List<SignedCommand>();
        Read(callData.Span, commands, depth: 0);
        return commands;
    }

    /// <summary>Which commands cannot be read back from the call that carries them: none, or the contract and the model have drifted apart.</summary>
    internal static IEnumerable<(LedgerCommandKind Kind, LedgerFunction? Function)> Carriers(LedgerAbi abi) =>
        CommandKinds.Blanks.Select(blank => (blank.Kind, abi.FindFunction(blank.Kind)));

    private void Read(ReadOnlySpan<byte> callData, List<SignedCommand> commands, int depth)
    {
        if (depth >= MaxDepth || abi.FindFunction(callData) is not { } function)
        {
            return;
        }

        try
        {
            AbiValue arguments = function.Function.DecodeCall(callData);
            if (function.Name == "batch")
            {
                foreach (AbiValue call in arguments[0].Items)
                {
                    Read(call.Bytes.Span, commands, depth + 1);
                }
            }
            else if (function.IsCommand && _blanks.TryGetValue(function.Name, out LedgerCommand? blank))
            {
                Add(commands, blank, FieldsOf(function, arguments), arguments[function.Inputs.Length - 1]);
            }
            else
            {
                ReadMany(function, arguments, commands);
            }
        }
        catch (PhrDataException)
        {
            // Not what an honest carrier writes; the ledger's events tell what happened all the same.
        }
    }

    /// <summary>The functions that carry several commands of one kind with what they share: the elements of their list name the rest and end with who acts.</summary>
    private void ReadMany(LedgerFunction function, AbiValue arguments, List<SignedCommand> commands)
    {
        string? single = function.Name switch
        {
            "approveMany" => "approveRequest",
            "recordDeliveries" => "recordDelivery",
            _ => null,
        };
        if (single is null || !_blanks.TryGetValue(single, out LedgerCommand? blank))
        {
            return;
        }

        int list = function.Inputs.Length - 1;
        AbiParameter item = function.Inputs[list];
        int auth = Enumerable.Range(0, item.Components.Length).Single(i => item.Components[i].Struct == "Auth");
        foreach (AbiValue element in arguments[list].Items)
        {
            AbiFieldReader fields = FieldsOf(function, arguments);
            fields.Supply(item, element);
            Add(commands, blank, fields, element[auth]);
        }
    }

    private static void Add(List<SignedCommand> commands, LedgerCommand blank, AbiFieldReader fields, AbiValue auth)
    {
        // Auth is (actor, nonce, signature). An empty signature is a command that its actor sent itself.
        if (RecoverableSignature.TryFromBytes(ToOwnForm(auth[2].Bytes.ToArray()), out RecoverableSignature? signature))
        {
            LedgerCommand command = blank.Map(fields) with { Actor = auth[0].Address };
            if (command.FindFault() is null)
            {
                commands.Add(new SignedCommand { Command = command, Nonce = auth[1].UInt64(), Signature = signature });
            }
        }
    }

    /// <summary>Ethereum's v is 27 or 28, ours 0 or 1.</summary>
    private static byte[] ToOwnForm(byte[] signature)
    {
        if (signature.Length == RecoverableSignature.Length)
        {
            signature[^1] = signature[^1] >= 27 ? (byte)(signature[^1] - 27) : byte.MaxValue;
        }

        return signature;
    }

    private AbiFieldReader FieldsOf(LedgerFunction function, AbiValue arguments)
    {
        var fields = new AbiFieldReader(function.Inputs, arguments);
        for (int i = 0; i < function.Inputs.Length; i++)
        {
            AbiParameter parameter = function.Inputs[i];
            if (parameter.Type.Kind != AbiKind.Tuple || parameter.Struct is null or "Auth")
            {
                continue;
            }

            fields.Supply(parameter, arguments[i]);
            switch (parameter.Struct, parameter.Name)
            {
                case ("BundleFacts", _):
                    fields.Supply("previousHeaderDigest", Member(parameter, arguments[i], "headerDigest"));
                    break;
                case ("ClaimFacts", _):
                    var claim = new AbiFieldReader(parameter.Components, arguments[i]);
                    fields.Supply("claimId", AbiValue.Of(ClaimRecord.ComputeId(ledger, claim.Actor("patient", default), (FileClaim)_blanks["fileClaim"].Map(claim))));
                    break;
                case ("RecoveryFacts", "proposal"):
                    fields.Supply("validUntil", Member(parameter, arguments[i], "keyValidUntil"), AbiType.Parse("uint64"));
                    break;
                case ("DealingFacts", "active"):
                    fields.Supply("previousDealingDigest", Member(parameter, arguments[i], "dealingDigest"));
                    break;
            }
        }

        return fields;
    }

    private static AbiValue Member(AbiParameter parameter, AbiValue value, string name) =>
        value[parameter.Components.Select((component, i) => (component.Name, i)).Single(c => c.Name == name).i];
}
