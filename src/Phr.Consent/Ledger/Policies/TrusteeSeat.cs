using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>A trustee's place in a consent policy. Approvals are counted by seat.</summary>
/// <param name="Group">The group, counted from 1; 0 for the patient's own consent.</param>
/// <param name="Member">The member in the group, counted from 1; 0 for the patient's own consent.</param>
/// <remarks>Immutable and thread safe.</remarks>
public readonly record struct TrusteeSeat(int Group, int Member) : IMapped<TrusteeSeat>
{
    /// <summary>The patient's own seat, group 0 and member 0, which alone meets every policy.</summary>
    public static TrusteeSeat Patient => default;

    string IMapped<TrusteeSeat>.TypeName => nameof(TrusteeSeat);

    /// <inheritdoc/>
    public override string ToString() => $"{Group}.{Member}";

    TrusteeSeat IMapped<TrusteeSeat>.Map(FieldMap map) => this with
    {
        Group = map.Int32("group", Group, LedgerLimits.Groups),
        Member = map.Int32("member", Member, LedgerLimits.Trustees),
    };
}
