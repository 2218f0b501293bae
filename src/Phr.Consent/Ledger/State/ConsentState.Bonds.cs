using Phr.Crypto;

namespace Phr.Consent;

// Oracles' bonds, in gwei. On a chain they are worth that; here they are the same numbers.
public sealed partial class ConsentState
{
    private readonly Dictionary<ActorId, ulong> _burned = [];

    /// <summary>What was taken of oracles' bonds and given to nobody, in gwei.</summary>
    public ulong BurnedBonds => _burned.Values.Aggregate(0UL, Sum);

    private Refusal? On(PostBond c, Turn turn)
    {
        Refusal? refusal = Find(c.Oracle) is not { } oracle ? Refuse(LedgerError.NotFound, "The oracle is not registered.")
            : (oracle.Roles & ActorRoles.Oracle) == 0 ? Refuse(LedgerError.WrongRole, "Only oracles have bonds.")
            : oracle.Status == ActorStatus.Removed ? Refuse(LedgerError.Removed, "The oracle was removed.")
            : oracle.Bond + oracle.ReleasingBond + c.Amount > LedgerLimits.Bond ? Refuse(LedgerError.TooMany, "The bond would be larger than the ledger allows.")
            : null;
        if (refusal is null)
        {
            turn.Emit(new BondPosted { Oracle = c.Oracle, By = c.Actor, Amount = c.Amount });
        }

        return refusal;
    }

    private Refusal? On(ReleaseBond c, Turn turn)
    {
        ActorRecord oracle = _actors[c.Actor];
        Refusal? refusal = RequireRole(c.Actor, ActorRoles.Oracle)
            ?? (oracle.ReleasingBond != 0 ? Refuse(LedgerError.WrongState, "Another part of the bond is being released; take it out first.")
            : c.Amount > oracle.Bond ? Refuse(LedgerError.BondTooSmall, "The bond is smaller than what is asked back.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new BondReleased { Oracle = c.Actor, Amount = c.Amount, PayableAt = turn.Now + Parameters.BondDelay });
        }

        return refusal;
    }

    private Refusal? On(WithdrawBond c, Turn turn)
    {
        ActorRecord oracle = _actors[c.Actor];
        Refusal? refusal = RequireRole(c.Actor, ActorRoles.Oracle)
            ?? (oracle.ReleasingBond == 0 ? Refuse(LedgerError.NotFound, "No part of the bond is being released.")
            : turn.Now < oracle.BondPayableAt ? Refuse(LedgerError.NotYet, "The delay after the release is not over.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new BondWithdrawn { Oracle = c.Actor, Amount = oracle.ReleasingBond });
        }

        return refusal;
    }

    private Refusal? On(WithdrawCredit c, Turn turn)
    {
        ulong credit = _actors[c.Actor].Credit;
        if (credit == 0)
        {
            return Refuse(LedgerError.NotFound, "The actor has nothing to take out.");
        }

        turn.Emit(new CreditWithdrawn { Payee = c.Actor, Amount = credit });
        return null;
    }

    /// <summary>Takes an oracle's whole bond, with what is being released; a quarter is the challenger's.</summary>
    private void EmitSlash(ActorId oracle, ActorId challenger, Turn turn)
    {
        ulong amount = _actors[oracle].Bond + _actors[oracle].ReleasingBond;
        turn.Emit(new BondSlashed { Oracle = oracle, Amount = amount, Challenger = challenger, Reward = amount / 4 });
    }

    // Sums are kept within their bounds whatever events say: those of the embedded ledger move no value, and a log may be anybody's.
    private void Apply(BondPosted e)
    {
        ActorRecord oracle = Known(_actors, e.Oracle);
        _actors[e.Oracle] = oracle with { Bond = Sum(oracle.Bond, e.Amount) };
    }

    private void Apply(BondReleased e)
    {
        ActorRecord oracle = Known(_actors, e.Oracle);
        _actors[e.Oracle] = oracle with { Bond = oracle.Bond - Math.Min(oracle.Bond, e.Amount), ReleasingBond = e.Amount, BondPayableAt = e.PayableAt };
    }

    private void Apply(BondWithdrawn e) => _actors[e.Oracle] = Known(_actors, e.Oracle) with { ReleasingBond = 0, BondPayableAt = null };

    private void Apply(BondSlashed e)
    {
        ActorRecord oracle = Known(_actors, e.Oracle);
        _actors[e.Oracle] = oracle with { Bond = 0, ReleasingBond = 0, BondPayableAt = null, Slashes = oracle.Slashes + 1 };
        ActorRecord challenger = Known(_actors, e.Challenger);
        _actors[e.Challenger] = challenger with { Credit = Sum(challenger.Credit, e.Reward) };
        _burned[e.Oracle] = Sum(_burned.GetValueOrDefault(e.Oracle), e.Amount - Math.Min(e.Amount, e.Reward));
    }

    private void Apply(CreditWithdrawn e) => _actors[e.Payee] = Known(_actors, e.Payee) with { Credit = 0 };

    private static ulong Sum(ulong left, ulong right) => right > ulong.MaxValue - left ? ulong.MaxValue : left + right;
}
