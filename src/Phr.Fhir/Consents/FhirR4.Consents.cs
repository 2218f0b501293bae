using System.Diagnostics.CodeAnalysis;
using Hl7.Fhir.Model;
using Phr.Consent;
using Phr.Crypto;
using Phr.Fhir.Faults;
using Phr.Fhir.R4;
using R4Consent = Hl7.Fhir.Model.Consent;

namespace Phr.Fhir;

/// <content>Consents.</content>
public static partial class FhirR4
{
    private const string ConsentStage = "FHIR Consent";
    private const string ScopeSystem = "http://terminology.hl7.org/CodeSystem/consentscope";
    private const string ConsentCategory = "59284-0";
    private const string ParticipationSystem = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
    private const string Receiver = "IRCP";

    private static readonly string[] PerformerTypes = ["Organization", "Patient", "Practitioner", "RelatedPerson", "PractitionerRole"];
    private static readonly string[] GranteeTypes = ["Device", "Group", "CareTeam", "Organization", "Patient", "Practitioner", "RelatedPerson", "PractitionerRole"];
    private static readonly string[] RelatedTypes = ["Encounter", "CarePlan", "EpisodeOfCare"];
    private static readonly string[] SourceTypes = ["Consent", "DocumentReference", "Contract", "QuestionnaireResponse"];

    /// <summary>Writes a consent as R4 <c>Consent</c> that meets IHE PCF Intermediate.</summary>
    /// <param name="directive">The consent.</param>
    /// <returns>Compact JSON in UTF-8.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="directive"/> is null.</exception>
    /// <exception cref="ArgumentException">It breaks a rule; the message names each.</exception>
    public static byte[] WriteConsent(ConsentDirective directive) => R4Json.Write(ToResource(directive));

    /// <summary>Reads an R4 <c>Consent</c> that meets IHE PCF Intermediate, or Basic, which is part of it.</summary>
    /// <param name="json">JSON in UTF-8, at most <see cref="MaxResourceLength"/> bytes.</param>
    /// <returns>The consent.</returns>
    /// <exception cref="PhrDataException">It is no such consent; the message names every fault.</exception>
    public static ConsentDirective ReadConsent(ReadOnlySpan<byte> json)
    {
        var faults = new FaultList();
        return Required(ConsentStage, Read<R4Consent, ConsentDirective>(json, faults, ToDirective), faults);
    }

    /// <summary>Reads an R4 <c>Consent</c>, without an exception.</summary>
    /// <param name="json">JSON in UTF-8.</param>
    /// <param name="directive">The consent, or null.</param>
    /// <param name="faults">Everything that is wrong with it, at most 64; empty when it was read.</param>
    /// <returns>Whether it was read.</returns>
    public static bool TryReadConsent(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ConsentDirective? directive, out IReadOnlyList<FhirFault> faults)
    {
        var list = new FaultList();
        directive = Read<R4Consent, ConsentDirective>(json, list, ToDirective);
        return Succeeded(directive, list, out faults);
    }

    /// <summary>Makes a resource of a consent, for systems that work with the Firely SDK.</summary>
    /// <param name="directive">The consent.</param>
    /// <returns>A new resource that meets IHE PCF Intermediate.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="directive"/> is null.</exception>
    /// <exception cref="ArgumentException">It breaks a rule; the message names each.</exception>
    public static R4Consent ToResource(ConsentDirective directive)
    {
        ArgumentNullException.ThrowIfNull(directive);
        var consent = new R4Consent
        {
            Id = directive.Id,
            Identifier = R4Writer.Identifier(directive.Identifier) is { } identifier ? [identifier] : [],
            Status = directive.Status switch
            {
                ConsentDirectiveStatus.Draft => R4Consent.ConsentState.Draft,
                ConsentDirectiveStatus.Proposed => R4Consent.ConsentState.Proposed,
                ConsentDirectiveStatus.Active => R4Consent.ConsentState.Active,
                ConsentDirectiveStatus.Rejected => R4Consent.ConsentState.Rejected,
                ConsentDirectiveStatus.Inactive => R4Consent.ConsentState.Inactive,
                _ => R4Consent.ConsentState.EnteredInError,
            },
            Scope = R4Writer.Concept(ScopeSystem, "patient-privacy"),
            Category = [R4Writer.Concept(R4Writer.LoincSystem, ConsentCategory)],
            Patient = R4Writer.Reference(directive.Patient),
            DateTimeElement = R4Writer.Time(directive.Time),
            Performer = [.. directive.Performers.Select(R4Writer.Reference)],
            Organization = [.. directive.Custodians.Select(R4Writer.Reference)],
            Source = directive.Source is { } source ? R4Writer.Reference(source) : directive.SourceAttachment is { } attachment ? R4Writer.Attachment(attachment) : null,
            Policy = [.. directive.Policies.Select(uri => new R4Consent.PolicyComponent { Uri = uri })],
            Provision = ToProvision(directive.Root),
        };
        consent.Provision.Provision = [.. directive.Exceptions.Select(ToProvision)];
        if (directive.Source is not null && directive.SourceAttachment is not null)
        {
            throw new ArgumentException("A consent has one source, a resource or content.", nameof(directive));
        }

        return Checked(consent, nameof(directive), (resource, faults) => ToDirective(resource, new R4Reader(faults)));
    }

    /// <summary>Reads a consent from a resource of the Firely SDK.</summary>
    /// <param name="consent">The resource.</param>
    /// <returns>The consent.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="consent"/> is null.</exception>
    /// <exception cref="PhrDataException">It does not meet IHE PCF Intermediate; the message names every fault.</exception>
    public static ConsentDirective FromResource(R4Consent consent)
    {
        ArgumentNullException.ThrowIfNull(consent);
        var faults = new FaultList();
        R4Json.Validate(consent, faults);
        return Required(ConsentStage, faults.IsEmpty ? Map<R4Consent, ConsentDirective>(consent, faults, ToDirective) : null, faults);
    }

    private static R4Consent.provisionComponent ToProvision(ConsentProvision provision) => new()
    {
        Type = provision.Ruling == ConsentRuling.Permit ? R4Consent.ConsentProvisionType.Permit : R4Consent.ConsentProvisionType.Deny,
        Period = R4Writer.Period(provision.From, provision.Until),
        Actor = [.. provision.Grantees.Select(grantee => new R4Consent.provisionActorComponent { Role = R4Writer.Concept(ParticipationSystem, Receiver), Reference = R4Writer.Reference(grantee) })],
        Purpose = [.. provision.Purposes.Select(purpose => new Coding { System = PurposeOfUse.CodeSystem, Code = purpose.Code })],
        DataPeriod = R4Writer.Period(provision.DataFrom, provision.DataUntil),
        Data =
        [
            .. provision.Data.Select(data => new R4Consent.provisionDataComponent
            {
                Meaning = data.Meaning switch
                {
                    ConsentDataMeaning.Related => R4Consent.ConsentDataMeaning.Related,
                    ConsentDataMeaning.AuthoredBy => R4Consent.ConsentDataMeaning.Authoredby,
                    _ => R4Consent.ConsentDataMeaning.Instance,
                },
                Reference = R4Writer.Reference(data.Reference),
            }),
        ],
    };

    private static ConsentDirective ToDirective(R4Consent consent, R4Reader reader)
    {
        FhirConsentRules.Apply(consent, PcfProfile.Intermediate, reader.Faults);
        return new ConsentDirective
        {
            Id = reader.Id("Consent.id", consent.Id),
            Identifier = reader.OneIdentifier("Consent.identifier", consent.Identifier),
            Status = consent.Status switch
            {
                R4Consent.ConsentState.Draft => ConsentDirectiveStatus.Draft,
                R4Consent.ConsentState.Proposed => ConsentDirectiveStatus.Proposed,
                R4Consent.ConsentState.Active => ConsentDirectiveStatus.Active,
                R4Consent.ConsentState.Rejected => ConsentDirectiveStatus.Rejected,
                R4Consent.ConsentState.Inactive => ConsentDirectiveStatus.Inactive,
                _ => ConsentDirectiveStatus.EnteredInError,
            },
            Patient = reader.Reference("Consent.patient", consent.Patient, "Patient"),
            Time = reader.Time("Consent.dateTime", consent.DateTime),
            Performers = [.. consent.Performer.Select((performer, i) => reader.Reference($"Consent.performer[{i}]", performer, PerformerTypes))],
            Custodians = [.. consent.Organization.Select((organization, i) => reader.Reference($"Consent.organization[{i}]", organization, "Organization"))],
            Source = consent.Source is ResourceReference source ? reader.Reference("Consent.source", source, SourceTypes) : null,
            SourceAttachment = consent.Source is Attachment attachment ? reader.Attachment("Consent.source", attachment) : null,
            Policies = [.. consent.Policy.Select((policy, i) => reader.RequiredText($"Consent.policy[{i}].uri", policy.Uri, 512))],
            Root = ToProvision("Consent.provision", consent.Provision ?? new R4Consent.provisionComponent(), reader),
            Exceptions = [.. (consent.Provision?.Provision ?? []).Select((provision, i) => ToProvision($"Consent.provision.provision[{i}]", provision, reader))],
        };
    }

    private static ConsentProvision ToProvision(string path, R4Consent.provisionComponent provision, R4Reader reader)
    {
        (DateTimeOffset? from, DateTimeOffset? until) = reader.Period(path + ".period", provision.Period);
        (DateTimeOffset? dataFrom, DateTimeOffset? dataUntil) = reader.Period(path + ".dataPeriod", provision.DataPeriod);
        return new ConsentProvision
        {
            Ruling = provision.Type == R4Consent.ConsentProvisionType.Permit ? ConsentRuling.Permit : ConsentRuling.Deny,
            Grantees = [.. provision.Actor.Select((actor, i) => reader.Reference($"{path}.actor[{i}].reference", actor.Reference, GranteeTypes))],
            Purposes = [.. provision.Purpose.Select((purpose, i) => ToPurpose($"{path}.purpose[{i}]", purpose, reader))],
            From = from,
            Until = until,
            DataFrom = dataFrom,
            DataUntil = dataUntil,
            Data =
            [
                .. provision.Data.Select((data, i) => new ConsentData
                {
                    Meaning = data.Meaning switch
                    {
                        R4Consent.ConsentDataMeaning.Related => ConsentDataMeaning.Related,
                        R4Consent.ConsentDataMeaning.Authoredby => ConsentDataMeaning.AuthoredBy,
                        _ => ConsentDataMeaning.Instance,
                    },
                    Reference = reader.Reference($"{path}.data[{i}].reference", data.Reference, data.Meaning switch
                    {
                        R4Consent.ConsentDataMeaning.Related => RelatedTypes,
                        R4Consent.ConsentDataMeaning.Authoredby => GranteeTypes,
                        _ => [],
                    }),
                }),
            ],
        };
    }

    private static PurposeOfUse ToPurpose(string path, Coding coding, R4Reader reader)
    {
        PurposeOfUse purpose = default;
        if (coding.System != PurposeOfUse.CodeSystem || !PurposeOfUse.TryParse(coding.Code, out purpose))
        {
            reader.Add("phr-purpose", path, "A purpose is a code of HL7's PurposeOfUse.");
        }

        return purpose;
    }
}
