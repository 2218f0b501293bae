using Phr.Consent;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Fhir;

/// <summary>A patient's consent, in the words that R4 and R5 have in common: who agreed to what, under which policy, with which exceptions.</summary>
/// <remarks>
/// <see cref="FhirR4"/> writes and reads it as R4 <c>Consent</c>, conformant to IHE PCF Intermediate. Source: HL7 FHIR R4 <c>Consent</c>; IHE ITI PCF 1.1.
/// Immutable and thread safe.
/// </remarks>
public sealed partial record ConsentDirective
{
    /// <summary>The resource's id on its server, 1 to 64 of letters, digits, <c>-</c> and <c>.</c>; null for none.</summary>
    public string? Id { get; init; }

    /// <summary>What the consent is called: on a ledger <see cref="LedgerUrn.ForConsent"/>; null for nothing.</summary>
    public FhirIdentifier? Identifier { get; init; }

    /// <summary>Where it stands.</summary>
    public required ConsentDirectiveStatus Status { get; init; }

    /// <summary>Whose data it is about, a <c>Patient</c>.</summary>
    public required FhirReference Patient { get; init; }

    /// <summary>When it was given, or asked for.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Who agreed: the patient, or the trustees in the patient's place. At least one.</summary>
    public required IReadOnlyList<FhirReference> Performers { get; init => field = ValueList.Of(value); }

    /// <summary>The organisations that keep it and enforce it. At least one.</summary>
    public required IReadOnlyList<FhirReference> Custodians { get; init => field = ValueList.Of(value); }

    /// <summary>The signed words that it stands on, as a resource; null when they are <see cref="SourceAttachment"/>.</summary>
    public FhirReference? Source { get; init; }

    /// <summary>The signed words that it stands on, as content; null when they are <see cref="Source"/>.</summary>
    public FhirAttachment? SourceAttachment { get; init; }

    /// <summary>The URIs of the policies under which it was given. At least one.</summary>
    public required IReadOnlyList<string> Policies { get; init => field = ValueList.Of(value); }

    /// <summary>The base rule.</summary>
    public required ConsentProvision Root { get; init; }

    /// <summary>Exceptions to the base rule; they have none of their own.</summary>
    public IReadOnlyList<ConsentProvision> Exceptions { get; init => field = ValueList.Of(value); } = ValueList.Of<ConsentProvision>([]);

    /// <summary>The consent that a request on a ledger asks for, has, had, or was refused.</summary>
    /// <param name="request">The request, as the ledger tells it.</param>
    /// <param name="body">What it asks for in words; patient, trustees and doctor can read it.</param>
    /// <param name="names">The ledger, and what its actors are called in the FHIR system.</param>
    /// <param name="granted">
    /// Which of the documents asked for were granted, by the approvals that the ledger names (<see cref="RequestDossier.LoadApprovalsAsync"/>): a patient may consent to some of them. Null for all.
    /// </param>
    /// <returns>
    /// A consent that denies at its root and permits one document at a time to the receiver, for the request's purpose, until it ends. Proposed until the grant is
    /// final, active then, rejected when trustees denied it, inactive when it was vetoed or revoked, or is over in any other way. An emergency has <c>ETREAT</c> beside
    /// any other purpose than <c>ETREAT</c> and <c>BTG</c>. Its source is the sealed request body, by digest.
    /// </returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The body is not this request's, or not this ledger's; or a document was granted that was not asked for.</exception>
    public static ConsentDirective FromRequest(RequestRecord request, RequestBody body, LedgerNames names, IReadOnlyList<DocumentId>? granted = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentNullException.ThrowIfNull(names);
        if (body.Ledger != names.Ledger || body.Doctor != request.Doctor || body.Bundle != request.BundleId || body.HeaderDigest != request.HeaderDigest
            || body.Nonce != request.Nonce || body.PurposeDigest != request.PurposeDigest || body.DocumentsCommitment != request.DocumentsCommitment)
        {
            throw Error.BodyOfAnotherRequest(nameof(body));
        }

        if (granted?.Except(body.Documents).Any() == true)
        {
            throw new ArgumentException("A document was not asked for.", nameof(granted));
        }

        PurposeOfUse[] purposes = request.EmergencyReason == 0 || body.Purpose == PurposeOfUse.EmergencyTreatment || body.Purpose == PurposeOfUse.BreakTheGlass
            ? [body.Purpose]
            : [body.Purpose, PurposeOfUse.EmergencyTreatment];
        FhirReference grantee = names.Of(request.Receiver.Id, request.Receiver.Kind == ReceiverKinds.Team ? "CareTeam" : "Practitioner");
        return new ConsentDirective
        {
            Identifier = FhirIdentifier.Of(LedgerUrn.ForConsent(names.Ledger, request.Id)),
            Status = StatusOf(request),
            Patient = names.Of(request.Patient, "Patient"),
            Time = request.Grant?.IssuedAt ?? request.RequestedAt,
            Performers = PerformersOf(request, names),
            Custodians = [names.Custodian],
            Source = new FhirReference { Type = "DocumentReference", Identifier = FhirIdentifier.Of(request.BodyDigest) },
            Policies = [LedgerUrn.ForPolicy(names.Ledger, request.PolicyDigest).ToString()],
            Root = new ConsentProvision { Ruling = ConsentRuling.Deny },
            Exceptions =
            [
                .. (granted ?? body.Documents).Select(document => new ConsentProvision
                {
                    Ruling = ConsentRuling.Permit,
                    Grantees = [grantee],
                    Purposes = purposes,
                    From = request.Grant?.VetoUntil ?? request.RequestedAt,
                    Until = request.NotAfter,
                    Data = [new ConsentData { Reference = names.Of(request.BundleId, document) }],
                }),
            ],
        };
    }

    private static ConsentDirectiveStatus StatusOf(RequestRecord request) => request.Status switch
    {
        RequestStatus.Denied => ConsentDirectiveStatus.Rejected,
        RequestStatus.AwaitingDraw or RequestStatus.Open or RequestStatus.VetoWindow => ConsentDirectiveStatus.Proposed,
        RequestStatus.Granted or RequestStatus.Settled when !request.IsOver(request.AsOf) => ConsentDirectiveStatus.Active,
        _ => ConsentDirectiveStatus.Inactive,
    };

    // Who agreed; before anybody did, whom it waits for.
    private static IReadOnlyList<FhirReference> PerformersOf(RequestRecord request, LedgerNames names)
    {
        FhirReference patient = names.Of(request.Patient, "Patient");
        if (request.Grant is not { ByPatient: false })
        {
            return [patient];
        }

        FhirReference[] trustees =
        [
            .. from approval in request.Approvals
               where approval.Seat != TrusteeSeat.Patient
               let member = request.Policy.FindMember(approval.Seat)
               select names.Of(approval.Actor, member is not null && member.Organisation == approval.Actor ? "Organization" : "RelatedPerson"),
        ];
        return trustees.Length > 0 ? trustees : [patient];
    }
}
