using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle in a snapshot of the registry.</summary>
/// <remarks>A contract keeps number and weight, 16 bits; the rest follows from the number. Immutable and thread safe.</remarks>
public sealed record RegistryEntry : IMapped<RegistryEntry>
{
    /// <summary>The oracle's number in the registry, 1 to 1,023 in the order of admission. It is never given again.</summary>
    public required int Number { get; init; }

    /// <summary>Its weight in draws when the snapshot was taken, 16 to 63: see <see cref="Reputation.Weight"/>.</summary>
    public required int Weight { get; init; }

    /// <summary>Who it is.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>For whom it sits: its operator's organisation, or the operator where that has none. A committee has one seat for each.</summary>
    public required ActorId Unit { get; init; }

    string IMapped<RegistryEntry>.TypeName => nameof(RegistryEntry);

    RegistryEntry IMapped<RegistryEntry>.Map(FieldMap map) => this with
    {
        Number = map.Int32("number", Number, LedgerLimits.Oracles),
        Weight = map.Int32("weight", Weight, Reputation.MaxWeight),
        Oracle = map.Actor("oracle", Oracle),
        Unit = map.Actor("unit", Unit),
    };
}
