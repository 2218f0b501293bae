using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Fhir.Faults;

/// <summary>Collects faults while a resource is read. Not thread safe.</summary>
internal sealed class FaultList
{
    /// <summary>So many are told; what is wrong in more places is wrong in general.</summary>
    public const int Most = 64;

    private const int InMessage = 8;

    private readonly List<FhirFault> _faults = [];
    private PhrDataReason _reason;

    public bool IsEmpty => _faults.Count == 0;

    public int Count => _faults.Count;

    public IReadOnlyList<FhirFault> ToList() => ValueList.Of<FhirFault>(_faults);

    public void Add(string rule, string path, string message, PhrDataReason reason = PhrDataReason.Malformed, long? line = null)
    {
        if (_faults.Count == 0)
        {
            _reason = reason;
        }

        if (_faults.Count < Most && !_faults.Any(f => f.Rule == rule && f.Path == path))
        {
            _faults.Add(new FhirFault { Rule = rule, Path = path, Message = message, Line = line });
        }
    }

    /// <summary>The one exception that tells them all.</summary>
    public PhrDataException ToException(string stage) =>
        new(stage, _reason, string.Join(" ", _faults.Take(InMessage)) + (_faults.Count > InMessage ? $" And {_faults.Count - InMessage} more faults." : ""));
}
