using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Consent.Tests.Ledger;

/// <summary>Damaged bytes: a value, false, or a PhrDataException, and what is accepted writes the same bytes again.</summary>
public class LedgerReaderFuzzTests
{
    [Fact]
    public void SignedCommand_Damaged_IsRefusedOrCanonical()
    {
        using SecretKey key = SampleFiller.SampleKey(1);
        var ledger = new LedgerId(0, SampleFiller.SampleActor(1));
        Run("signed command", [.. SampleFiller.Commands(2).Select(command => SignedCommand.Sign(command, 3, ledger, key).ToBytes())], bytes => SignedCommand.FromBytes(bytes).ToBytes());
    }

    [Fact]
    public void LedgerEvent_Damaged_IsRefusedOrCanonical() =>
        Run("ledger event", [.. SampleFiller.Events(2).Select(made => made.ToBytes())], bytes => LedgerEvent.FromBytes(bytes).ToBytes());

    [Fact]
    public void ConsentPolicy_Damaged_IsRefusedOrCanonical() =>
        Run("consent policy", [SampleFiller.SamplePolicy().ToBytes(), LedgerWorld.DefaultPolicy().ToBytes()], bytes => ConsentPolicy.FromBytes(bytes).ToBytes());

    [Fact]
    public void AccessRule_Damaged_IsRefusedOrCanonical() =>
        Run("access rule", [SampleFiller.SampleRule().ToBytes(), AccessRule.Anyone.ToBytes()], bytes => AccessRule.FromBytes(bytes).ToBytes());

    [Fact]
    public void LedgerParameters_Damaged_IsRefusedOrCanonical() =>
        Run("ledger parameters", [new LedgerParameters { FoundingAgency = SampleFiller.SampleActor(1) }.ToBytes()], bytes => LedgerParameters.FromBytes(bytes).ToBytes());

    private static void Run(string name, IReadOnlyList<byte[]> samples, Func<byte[], byte[]> rewrite) =>
        Mutations.Run(
            name,
            samples,
            bytes =>
            {
                byte[] again = rewrite(bytes);
                return again.AsSpan().SequenceEqual(bytes) ? true : throw new InvalidOperationException("Accepted bytes are not the canonical ones.");
            },
            exception => exception is PhrDataException);
}
