namespace Phr.Ml;

/// <summary>One thing that is wrong with a file of records.</summary>
/// <param name="Line">The line of the file, from 1, which is the header; of a row that spans lines, its first.</param>
/// <param name="Column">The column's name, or empty where the row as a whole is wrong.</param>
/// <param name="Message">What is wrong, without the value: records are about people.</param>
public sealed record DataFault(long Line, string Column, string Message)
{
    /// <summary>The fault in one line: <c>line 17, column "chol": is not a number</c>.</summary>
    public override string ToString() => Column.Length == 0 ? $"line {Line}: {Message}" : $"line {Line}, column \"{Column}\": {Message}";
}
