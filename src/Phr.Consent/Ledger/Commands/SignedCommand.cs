using System.Diagnostics.CodeAnalysis;
using Phr.Consent.Fields;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>A command with its actor's next nonce and its signature: what anybody may carry to a ledger.</summary>
/// <remarks>
/// The signature is ECDSA over the EIP-712 digest with the domain {name "Phr", version "1", chainId, verifyingContract} of the ledger; the struct is named as the command, and its members are
/// <c>address actor, uint64 nonce</c> and the command's own. So a signature is good for one command, once, on one ledger. Source: EIP-712. Immutable and thread safe.
/// </remarks>
public sealed record SignedCommand
{
    private const string Stage = "signed command";
    private const string Tag = "phr/command/v1";

    /// <summary>What is asked.</summary>
    public required LedgerCommand Command { get; init; }

    /// <summary>The number of commands that the ledger accepted from this actor before.</summary>
    public required ulong Nonce { get; init; }

    /// <summary>The signature of the actor's ledger key.</summary>
    public required RecoverableSignature Signature { get; init; }

    /// <summary>Signs a command.</summary>
    /// <param name="command">The command; its times are cut to whole seconds.</param>
    /// <param name="nonce">The actor's next nonce on the ledger.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="ledgerKey">The actor's ledger key.</param>
    /// <returns>The signed command.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="command"/> or <paramref name="ledgerKey"/> is null.</exception>
    /// <exception cref="ArgumentException">A field of the command is missing or lies outside its bounds.</exception>
    public static SignedCommand Sign(LedgerCommand command, ulong nonce, LedgerId ledger, SecretKey ledgerKey)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(ledgerKey);
        LedgerCommand whole = command.Map(new FieldCounter());
        return whole.FindFault() is { } fault
            ? throw new ArgumentException(fault, nameof(command))
            : new SignedCommand { Command = whole, Nonce = nonce, Signature = ledgerKey.SignDigest(DigestOf(whole, nonce, ledger)) };
    }

    /// <summary>Reads a signed command.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote, at most 65,536 bytes.</param>
    /// <returns>The command. Its signature is well formed but not yet compared with anybody's key.</returns>
    /// <exception cref="PhrDataException">The bytes are not a signed command in canonical form.</exception>
    public static SignedCommand FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CanonicalCborReader(Stage, bytes, LedgerLimits.CommandLength);
        reader.BeginArray(6);
        reader.Expect(Tag);
        LedgerCommand blank = CommandKinds.Find((LedgerCommandKind)reader.Int32(int.MaxValue))
            ?? throw reader.Fault(PhrDataReason.UnknownVersion, "the kind of command is not known to this version.");
        ulong nonce = reader.UInt64();
        ActorId actor = reader.ActorId();
        LedgerCommand command = FieldReader.Read(reader, blank) with { Actor = actor };
        RecoverableSignature signature = RecoverableSignature.TryFromBytes(reader.BytesExactly(RecoverableSignature.Length), out RecoverableSignature? read)
            ? read
            : throw reader.Fault(PhrDataReason.InvalidScalar, "the signature is not r || s || v with low s.");
        reader.EndArray();
        reader.End();
        return new SignedCommand { Command = command, Nonce = nonce, Signature = signature };
    }

    /// <summary>Reads a signed command, without an exception.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote.</param>
    /// <param name="command">The command, or null.</param>
    /// <returns>Whether the bytes were a signed command in canonical form.</returns>
    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out SignedCommand? command)
    {
        try
        {
            command = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            command = null;
            return false;
        }
    }

    /// <summary>Writes the canonical encoding: CBOR, <c>["phr/command/v1", kind, nonce, actor, [fields], r || s || v]</c>.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes()
    {
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(6).Text(Tag).UInt64((ulong)Command.Kind).UInt64(Nonce).Id(Command.Actor);
        FieldWriter.Write(writer, Command);
        return writer.Bytes(Signature.ToBytes()).EndArray().ToBytes();
    }

    /// <summary>The address of the key that signed.</summary>
    /// <param name="ledger">The ledger for which it should be signed; for another ledger another address comes out.</param>
    /// <returns>The address, to compare with the actor's ledger address; null when no key can have signed.</returns>
    public ActorId? RecoverSigner(LedgerId ledger) =>
        Signature.TryRecover(DigestOf(Command, Nonce, ledger), out PublicKey? key) ? ActorId.FromPublicKey(key) : null;

    /// <summary>The digest that is signed: keccak256(0x1901 || domain separator || struct hash).</summary>
    /// <param name="ledger">The ledger.</param>
    /// <returns>32 bytes.</returns>
    public byte[] SigningDigest(LedgerId ledger) => DigestOf(Command, Nonce, ledger);

    /// <summary>The EIP-712 type of the command, such as <c>VetoRequest(address actor,uint64 nonce,bytes32 requestId)</c>.</summary>
    /// <returns>The type as EIP-712's encodeType writes it.</returns>
    public string TypedDataType() => StructOf(Command, Nonce).EncodeType();

    private static byte[] DigestOf(LedgerCommand command, ulong nonce, LedgerId ledger) =>
        TypedDataHasher.Digest(DomainSeparator(ledger), StructOf(command, nonce).HashStruct());

    internal static byte[] DomainSeparator(LedgerId ledger) => TypedDataHasher.DomainSeparator("Phr", "1", ledger);

    private static TypedDataHasher StructOf(LedgerCommand command, ulong nonce)
    {
        var hasher = new TypedDataHasher(command.Kind.ToString());
        hasher.Actor("actor", command.Actor);
        hasher.UInt64("nonce", nonce);
        command.Map(hasher);
        return hasher;
    }
}
