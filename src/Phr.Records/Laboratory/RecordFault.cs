namespace Phr.Records;

/// <summary>What is wrong at a place of a text file.</summary>
/// <remarks>Immutable; safe for use by several threads. Messages say what is wrong and not what is there.</remarks>
public sealed record RecordFault
{
    /// <summary>The line, from 1.</summary>
    public required long Line { get; init; }

    /// <summary>The column's name, or what a reader was reading; empty when the line as a whole is at fault.</summary>
    public required string Column { get; init; }

    /// <summary>What is wrong, and what should be there.</summary>
    public required string Message { get; init; }

    /// <summary>The fault as a sentence.</summary>
    /// <returns>For example <c>line 7, column value: a number is expected, like 4.2</c>.</returns>
    public override string ToString() => Column.Length == 0 ? $"line {Line}: {Message}" : $"line {Line}, column {Column}: {Message}";
}
