using Phr.Fhir.Faults;

namespace Phr.Fhir;

/// <summary>The messages of this library's exceptions: places, rules and sizes, never a value of a resource.</summary>
internal static class Error
{
    public static ArgumentException BodyOfAnotherRequest(string parameter) => new("The body is not the one that this request commits to on this ledger.", parameter);

    public static ArgumentException DocumentOfAnotherBundle(string parameter) => new("The document is not in this header, or the header is of another ledger.", parameter);

    public static ArgumentException NotWritable(string parameter, FaultList faults) =>
        new($"This cannot be written as FHIR R4: {string.Join(" ", faults.ToList().Take(8))}", parameter);

    public static ArgumentException UnknownCurrency(string parameter) => new("The currency is not a code that FHIR R4 knows.", parameter);
}
