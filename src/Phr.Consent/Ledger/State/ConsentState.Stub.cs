using Phr.Crypto;
namespace Phr.Consent;
public sealed partial class ConsentState
{
    private Refusal? DecideRest(LedgerCommand command, Turn turn) => Refuse(LedgerError.NotSupported, "Not yet.");
    private void ApplyRest(LedgerEvent e, DateTimeOffset now) { }
    private void VoidApprovalsOf(ActorId id) { }
}
