using System.Diagnostics.CodeAnalysis;
using Hl7.Fhir.Model;
using Phr.Crypto;
using Phr.Fhir.Faults;
using Phr.Fhir.R4;

namespace Phr.Fhir;

/// <summary>Writes and reads this library's records as resources of HL7 FHIR R4 (4.0.1) in JSON.</summary>
/// <remarks>
/// Written JSON is compact and always the same for the same record, so that its digest is stable; it is the Firely SDK's order of elements, not a canonical form
/// of any standard: sign and compare the very bytes that were stored. Reading is strict: every element is checked, and every fault is told with its path. Elements
/// that these records have no place for are checked too, and then left out, unless they could change the meaning of the others: those are refused. Nothing is ever fetched.
/// Thread safe.
/// </remarks>
public static partial class FhirR4
{
    /// <summary>The longest single resource that is read, in bytes: 1 MiB.</summary>
    public const int MaxResourceLength = 1 << 20;

    private static T Required<T>(string stage, T? value, FaultList faults)
        where T : class => value ?? throw faults.ToException(stage);

    private static bool Succeeded<T>([NotNullWhen(true)] T? value, FaultList faults, out IReadOnlyList<FhirFault> all)
        where T : class
    {
        all = faults.ToList();
        return value is not null;
    }

    private static T? Read<TResource, T>(ReadOnlySpan<byte> json, FaultList faults, Func<TResource, R4Reader, T> map)
        where TResource : Resource
        where T : class
    {
        TResource? resource = R4Json.Read<TResource>(json, MaxResourceLength, faults);
        return resource is null ? null : Map(resource, faults, map);
    }

    private static T? Map<TResource, T>(TResource resource, FaultList faults, Func<TResource, R4Reader, T> map)
        where T : class
    {
        T value = map(resource, new R4Reader(faults));
        return faults.IsEmpty ? value : null;
    }

    // What is written must be what can be read: a record with a fault is the caller's mistake.
    private static TResource Checked<TResource>(TResource resource, string parameter, Action<TResource, FaultList> read)
        where TResource : Resource
    {
        var faults = new FaultList();
        R4Json.Validate(resource, faults);
        read(resource, faults);
        return faults.IsEmpty ? resource : throw Error.NotWritable(parameter, faults);
    }
}
