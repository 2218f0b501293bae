namespace Phr.Fhir;

/// <summary>One thing that is wrong with a resource, and where.</summary>
/// <remarks>Immutable and thread safe. It never repeats a value of the resource, which may be about a patient: only places and rules.</remarks>
public sealed record FhirFault
{
    /// <summary>The rule that is broken: <c>pcf-*</c> of IHE Privacy Consent on FHIR, <c>ppc-*</c> of R4's Consent, <c>phr-*</c> of this library, <c>json-*</c> of the bytes, and <c>PVAL*</c> or <c>JSON*</c> of the Firely SDK's own checks.</summary>
    public required string Rule { get; init; }

    /// <summary>The element: <c>Consent.provision.provision[1].actor[0].role</c>. Lists are counted from 0.</summary>
    public required string Path { get; init; }

    /// <summary>What is wrong, in one sentence.</summary>
    public required string Message { get; init; }

    /// <summary>The line of the text, counted from 1; null when the fault is not about one place in the text.</summary>
    public long? Line { get; init; }

    /// <summary>Path, sentence and rule.</summary>
    /// <returns>One line of text.</returns>
    public override string ToString() => Line is { } line ? $"{Path} (line {line}): {Message} [{Rule}]" : $"{Path}: {Message} [{Rule}]";
}
