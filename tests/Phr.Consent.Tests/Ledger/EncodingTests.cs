using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

public class EncodingTests
{
    private static readonly LedgerId Id = new(0, SampleFiller.SampleActor(9));

    [Fact]
    public void SignedCommand_EveryKind_ReadsBackEqualAndRecoversItsSigner()
    {
        using SecretKey key = SampleFiller.SampleKey(1);
        foreach (LedgerCommand command in SampleFiller.Commands(1))
        {
            SignedCommand signed = SignedCommand.Sign(command, 7, Id, key);
            byte[] bytes = signed.ToBytes();
            SignedCommand read = SignedCommand.FromBytes(bytes);
            Assert.Equal(signed, read);
            Assert.Equal(bytes, read.ToBytes());
            Assert.Equal(ActorId.FromPublicKey(key.PublicKey), read.RecoverSigner(Id));
            Assert.Equal(command.Kind.ToString(), command.GetType().Name);
        }
    }

    [Fact]
    public void LedgerEvent_EveryKind_ReadsBackEqual()
    {
        foreach (LedgerEvent ledgerEvent in SampleFiller.Events(1))
        {
            byte[] bytes = ledgerEvent.ToBytes();
            LedgerEvent read = LedgerEvent.FromBytes(bytes);
            Assert.Equal(ledgerEvent, read);
            Assert.Equal(bytes, read.ToBytes());
            Assert.Equal(ledgerEvent.Kind.ToString(), ledgerEvent.GetType().Name);
        }
    }

    [Fact]
    public void Kinds_EveryNumber_HasABlank()
    {
        Assert.Equal(Enum.GetValues<LedgerCommandKind>().Length - 1, CommandKinds.Blanks.Count);
        Assert.Equal(Enum.GetValues<LedgerEventKind>().Length - 1, EventKinds.Blanks.Count);
    }

    [Fact]
    public void RecoverSigner_OtherChainContractNonceOrField_IsSomebodyElse()
    {
        using SecretKey key = SampleFiller.SampleKey(1);
        ActorId signer = ActorId.FromPublicKey(key.PublicKey);
        foreach (LedgerCommand command in SampleFiller.Commands(1))
        {
            SignedCommand signed = SignedCommand.Sign(command, 7, Id, key);
            Assert.NotEqual(signer, signed.RecoverSigner(Id with { ChainId = 1 }));
            Assert.NotEqual(signer, signed.RecoverSigner(Id with { Contract = SampleFiller.SampleActor(10) }));
            Assert.NotEqual(signer, (signed with { Nonce = 8 }).RecoverSigner(Id));
            Assert.NotEqual(signer, (signed with { Command = command with { Actor = SampleFiller.SampleActor(99_999) } }).RecoverSigner(Id));
        }
    }

    [Fact]
    public void PolicyAndRuleAndParameters_Encoded_ReadBackEqual()
    {
        ConsentPolicy policy = SampleFiller.SamplePolicy();
        Assert.Null(policy.FindFault());
        Assert.Equal(policy, ConsentPolicy.FromBytes(policy.ToBytes()));
        Assert.Equal(policy.AccessRule, AccessRule.FromBytes(policy.AccessRule.ToBytes()));
        var parameters = new LedgerParameters { FoundingAgency = SampleFiller.SampleActor(1), SnapshotInterval = 400, AgencyDelay = TimeSpan.FromDays(3), BondDelay = TimeSpan.FromDays(20), MinBond = ulong.MaxValue };
        Assert.Equal(parameters, LedgerParameters.FromBytes(parameters.ToBytes()));
    }

    [Theory]
    [InlineData(0, 200, 300)]
    [InlineData(10_001, 200, 20_000)]
    [InlineData(1, 0, 300)]
    [InlineData(1, 201, 300)]
    [InlineData(1, 200, 201)]
    [InlineData(200, 150, 350)]
    [InlineData(1, 200, 100_001)]
    public void Parameters_BlocksThatDoNotFit_AreFaultyAndUnreadable(int drawDelay, int drawWindow, int snapshotInterval)
    {
        var parameters = new LedgerParameters { FoundingAgency = SampleFiller.SampleActor(1), DrawDelay = drawDelay, DrawWindow = drawWindow, SnapshotInterval = snapshotInterval };
        Assert.NotNull(parameters.FindFault());
        Assert.Null((parameters with { DrawDelay = 1, DrawWindow = 200, SnapshotInterval = 202 }).FindFault());
        if (drawDelay <= 10_000 && drawWindow <= 200 && snapshotInterval <= 100_000)
        {
            Assert.False(LedgerParameters.TryFromBytes(parameters.ToBytes(), out _));
        }
    }

    [Fact]
    public void Parameters_TimesThatMakeNoSense_AreFaulty()
    {
        var parameters = new LedgerParameters { FoundingAgency = SampleFiller.SampleActor(1) };
        Assert.Null(parameters.FindFault());
        Assert.NotNull((parameters with { AgencyDelay = TimeSpan.FromSeconds(-1) }).FindFault());
        Assert.NotNull((parameters with { BondDelay = TimeSpan.FromSeconds(-1) }).FindFault());
        Assert.NotNull((parameters with { MaxEmergencyLifetime = TimeSpan.Zero }).FindFault());
        Assert.NotNull((parameters with { ReviewPeriod = TimeSpan.Zero }).FindFault());
    }
}
