using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>A group of trustees in a consent policy.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record PolicyGroup : IMapped<PolicyGroup>
{
    /// <summary>The group's name: a code of 1 to 32 printable ASCII characters without a space, such as <c>guardians</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How many members must approve for the group to count, from 1 to the number of members.</summary>
    public required int Threshold { get; init; }

    /// <summary>The members, 1 to 16. A member's number is its place here, counted from 1.</summary>
    public required IReadOnlyList<PolicyMember> Members { get; init => field = ValueList.Of(value); }

    string IMapped<PolicyGroup>.TypeName => nameof(PolicyGroup);

    PolicyGroup IMapped<PolicyGroup>.Map(FieldMap map) => this with
    {
        Name = map.Code("name", Name, LedgerLimits.GroupNameLength),
        Threshold = map.Int32("threshold", Threshold, LedgerLimits.Trustees),
        Members = map.List("members", Members, LedgerLimits.Trustees),
    };
}
