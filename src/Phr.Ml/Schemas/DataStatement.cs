namespace Phr.Ml;

/// <summary>What models of some records are for, of whom the records are, and what they cannot show: in words, for the cards of models that learn from them.</summary>
/// <remarks>It says nothing about columns and is no part of a schema's digest. Immutable.</remarks>
public sealed record DataStatement
{
    private readonly IReadOnlyList<string> _limits = [];

    /// <summary>What a model of these records is meant for, in a sentence or two; empty where nobody has said.</summary>
    public string IntendedUse { get; init; } = "";

    /// <summary>Whose records they are: how many people, where, when, how they were chosen; empty where nobody has said.</summary>
    public string Population { get; init; } = "";

    /// <summary>What a model of these records cannot do, or must not be used for; one sentence each.</summary>
    public IReadOnlyList<string> Limits
    {
        get => _limits;
        init => _limits = Array.AsReadOnly([.. value ?? []]);
    }
}
