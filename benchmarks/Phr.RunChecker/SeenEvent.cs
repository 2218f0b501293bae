namespace Phr.RunChecker;

/// <summary>An event of the ledger as it was read from a block: its name and its arguments, numbers in decimal, bytes in lower-case hexadecimal without a prefix.</summary>
internal sealed record SeenEvent(string Name, IReadOnlyDictionary<string, string> Arguments)
{
    public string this[string argument] => Arguments.TryGetValue(argument, out string? value) ? value : throw new InvalidDataException($"The event {Name} has no argument {argument}.");

    public long Number(string argument) => long.Parse(this[argument], System.Globalization.CultureInfo.InvariantCulture);
}
