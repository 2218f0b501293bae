namespace Phr.Consent.Fields;

/// <summary>An object that states its fields once, for every encoding.</summary>
internal interface IMapped<T>
{
    /// <summary>The struct name in EIP-712.</summary>
    string TypeName { get; }

    /// <summary>Passes every field through <paramref name="map"/>, in order, and returns the object made of what came back.</summary>
    T Map(FieldMap map);

    /// <summary>What is wrong with the values, or null: a rule that one field alone cannot state.</summary>
    string? FindFault() => null;
}
