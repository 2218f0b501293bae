namespace Phr.Consent.Tests.Embedded;

/// <summary>The embedded ledger keeps the contract of every ledger.</summary>
public sealed class EmbeddedConsentLedgerContractTests : ConsentLedgerContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    protected override DateTimeOffset Now => _clock.Now;

    public void Dispose() => _folder.Dispose();

    protected override async Task<IConsentLedger> CreateAsync(LedgerParameters parameters) =>
        await EmbeddedConsentLedger.OpenAsync(_folder.File($"{Guid.NewGuid():N}.db"), TestLedgers.Options(_clock, parameters));

    protected override async Task InspectAsync(IConsentLedger ledger)
    {
        LedgerVerification verification = await ((EmbeddedConsentLedger)ledger).VerifyAsync();
        Assert.True(verification.IsValid, verification.ToString());
    }

    protected override Task AdvanceAsync(TimeSpan by)
    {
        _clock.Advance(by);
        return Task.CompletedTask;
    }
}
