using Hl7.Fhir.ElementModel;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;
using Hl7.FhirPath;
using Phr.Consent.Fields;
using Phr.Fhir.Faults;
using Phr.Fhir.R4;
using R4Consent = Hl7.Fhir.Model.Consent;

namespace Phr.Fhir;

/// <summary>Checks an R4 <c>Consent</c> against IHE Privacy Consent on FHIR and the invariants of R4, and names every fault with its place.</summary>
/// <remarks>
/// The rules are FHIRPath expressions, run by the Firely SDK, which itself checks cardinalities, codes and literals but neither invariants nor profiles.
/// Source: IHE ITI PCF 1.1, FoundationConsent, BasicConsent, IntermediateConsent; HL7 FHIR R4 <c>Consent</c>, ppc-1 to ppc-5. Thread safe.
/// </remarks>
public static class FhirConsentRules
{
    private const string Loinc = "the category that IHE's examples have is LOINC 59284-0";

    private static readonly Rule[] OfConsent =
    [
        new("ppc-1", "policy", "policy.exists() or policyRule.exists()", "R4: a consent names a policy or a policy rule."),
        Subject("ppc-2", "patient-privacy"),
        Subject("ppc-3", "research"),
        Subject("ppc-4", "adr"),
        Subject("ppc-5", "treatment"),
        new("pcf-status", "status", "status.exists()", "The status must be there."),
        new("pcf-scope", "scope", "scope.coding.where(system = 'http://terminology.hl7.org/CodeSystem/consentscope' and code = 'patient-privacy').exists()", "The scope must be patient-privacy."),
        new("pcf-category", "category", "category.exists()", $"A category must be there; {Loinc}."),
        new("pcf-patient", "patient", "patient.exists()", "The patient must be there."),
        new("pcf-date-time", "dateTime", "dateTime.exists()", "When consent was given must be there."),
        new("pcf-performer", "performer", "performer.exists()", "Who consented must be there."),
        new("pcf-organization", "organization", "organization.exists()", "The organisation that keeps the consent must be there."),
        new("pcf-source", "source", "source.exists()", "The signed consent that this stands on must be there, as a reference or an attachment."),
        new("pcf-policy-uri", "policy", "policy.exists() and policy.all(uri.exists())", "Each policy has a URI, and there is at least one."),
        new("pcf-verification", "verification", "verification.empty()", "PCF does not use verification."),
        new("pcf-provision", "provision", "provision.exists()", "A provision must be there."),
    ];

    private static readonly Rule[] OfProvision =
    [
        new("pcf-provision-type", "type", "type.exists()", "A provision says permit or deny."),
        new("pcf-action", "action", "action.empty()", "PCF does not use actions; purposes say what for."),
        new("pcf-class", "class", "class.empty()", "PCF does not use classes of content."),
        new("pcf-code", "code", "code.empty()", "PCF does not use codes of content."),
        new("pcf-security-label", "securityLabel", "securityLabel.empty()", "Security labels are of PCF Advanced, which is not read here."),
    ];

    private static readonly Rule[] OfRoot =
    [
        new("pcf-basic-data", "data", "data.empty()", "PCF Basic names no data; Intermediate does."),
        new("pcf-basic-data-period", "dataPeriod", "dataPeriod.empty()", "PCF Basic has no period of data; Intermediate has."),
        new("pcf-basic-nested", "provision", "provision.empty()", "PCF Basic has no exceptions; Intermediate has."),
    ];

    private static readonly Rule[] OfException =
    [
        new("pcf-nesting", "provision", "provision.empty()", "An exception has no exceptions of its own."),
        new("pcf-data-once", "data", "data.where(meaning = 'instance').count() <= 1 and data.where(meaning = 'related').count() <= 1 and data.where(meaning = 'authoredby').count() <= 1", "An exception names data of each meaning once; write one exception for each document."),
    ];

    private static readonly Rule[] OfActor =
    [
        new("pcf-actor-role", "role", "role.coding.where(system = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType' and code = 'IRCP').exists()", "An actor's role is IRCP, the receiver of information."),
    ];

    private static readonly Rule[] OfData =
    [
        new("pcf-data-meaning", "meaning", "meaning = 'instance' or meaning = 'related' or meaning = 'authoredby'", "Data are meant as instance, related or authoredby."),
    ];

    /// <summary>The names of the rules, in the order in which they are checked.</summary>
    public static IReadOnlyList<string> Rules { get; } = ValueList.Of<string>([.. OfConsent.Concat(OfProvision).Concat(OfRoot).Concat(OfException).Concat(OfActor).Concat(OfData).Select(rule => rule.Name)]);

    /// <summary>Checks a resource.</summary>
    /// <param name="consent">The resource.</param>
    /// <param name="profile">The level of PCF.</param>
    /// <returns>Every fault, at most 64; none for a conformant consent.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="consent"/> is null.</exception>
    public static IReadOnlyList<FhirFault> Check(R4Consent consent, PcfProfile profile)
    {
        ArgumentNullException.ThrowIfNull(consent);
        var faults = new FaultList();
        R4Json.Validate(consent, faults);
        Apply(consent, profile, faults);
        return faults.ToList();
    }

    /// <summary>Checks JSON.</summary>
    /// <param name="json">JSON in UTF-8, at most <see cref="FhirR4.MaxResourceLength"/> bytes.</param>
    /// <param name="profile">The level of PCF.</param>
    /// <returns>Every fault, at most 64; when the text is no R4 <c>Consent</c> at all, only those that say why.</returns>
    public static IReadOnlyList<FhirFault> Check(ReadOnlySpan<byte> json, PcfProfile profile)
    {
        var faults = new FaultList();
        if (R4Json.Read<R4Consent>(json, FhirR4.MaxResourceLength, faults) is { } consent)
        {
            Apply(consent, profile, faults);
        }

        return faults.ToList();
    }

    internal static void Apply(R4Consent consent, PcfProfile profile, FaultList faults)
    {
        Apply(OfConsent, consent, "Consent", faults);
        if (consent.Provision is not { } root)
        {
            return;
        }

        Apply(root, "Consent.provision", faults);
        if (profile == PcfProfile.Basic)
        {
            Apply(OfRoot, root, "Consent.provision", faults);
        }

        for (int i = 0; i < root.Provision.Count; i++)
        {
            string path = $"Consent.provision.provision[{i}]";
            Apply(root.Provision[i], path, faults);
            Apply(OfException, root.Provision[i], path, faults);
        }
    }

    private static void Apply(R4Consent.provisionComponent provision, string path, FaultList faults)
    {
        Apply(OfProvision, provision, path, faults);
        for (int i = 0; i < provision.Actor.Count; i++)
        {
            Apply(OfActor, provision.Actor[i], $"{path}.actor[{i}]", faults);
        }

        for (int i = 0; i < provision.Data.Count; i++)
        {
            Apply(OfData, provision.Data[i], $"{path}.data[{i}]", faults);
        }
    }

    private static void Apply(Rule[] rules, Base element, string path, FaultList faults)
    {
        PocoNode node = element.ToPocoNode();
        foreach (Rule rule in rules)
        {
            if (!rule.Holds(node))
            {
                faults.Add(rule.Name, $"{path}.{rule.Element}", rule.Message);
            }
        }
    }

    private static Rule Subject(string name, string scope) =>
        new(name, "patient", $"patient.exists() or scope.coding.where(system = 'http://terminology.hl7.org/CodeSystem/consentscope' and code = '{scope}').empty()", $"R4: a consent of scope {scope} names a patient.");

    /// <summary>A rule and its expression, compiled once.</summary>
    private sealed class Rule(string name, string element, string expression, string message)
    {
        private static readonly FhirPathCompiler Compiler = new();

        private readonly CompiledExpression _compiled = Compiler.Compile(expression);

        public string Name => name;

        public string Element => element;

        public string Message => message;

        public bool Holds(PocoNode node) => _compiled.IsTrue(node, new FhirEvaluationContext());
    }
}
