using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Hl7.Fhir.Model;
using Hl7.Fhir.Utility;
using Phr.Crypto;
using Phr.Fhir.Faults;
using Phr.Fhir.R4;

namespace Phr.Fhir;

/// <content>Insurance claims and their answers.</content>
public static partial class FhirR4
{
    private const string ClaimStage = "FHIR Claim";
    private const string AnswerStage = "FHIR ClaimResponse";
    private const string ClaimTypeSystem = "http://terminology.hl7.org/CodeSystem/claim-type";
    private const string PrioritySystem = "http://terminology.hl7.org/CodeSystem/processpriority";
    private const string InformationSystem = "http://terminology.hl7.org/CodeSystem/claiminformationcategory";
    private const string AdjudicationSystem = "http://terminology.hl7.org/CodeSystem/adjudication";

    /// <summary>The extension of a <c>ClaimResponse</c> with the level that answers: <c>valuePositiveInt</c>, 1 to 5.</summary>
    private const string LevelExtension = "urn:phr:fhir:claim-level";

    /// <summary>The extension of a <c>ClaimResponse</c> with who answers: <c>valueReference</c>.</summary>
    private const string DeciderExtension = "urn:phr:fhir:claim-decider";

    /// <summary>The extension of a <c>ClaimResponse</c> with the parties' reason code: <c>valuePositiveInt</c>.</summary>
    private const string ReasonExtension = "urn:phr:fhir:claim-reason";

    /// <summary>The system of the answers' identifiers: the claim's URN, <c>#</c>, and the number.</summary>
    private const string AnswerSeparator = "#";

    private static readonly string[] ClaimantTypes = ["Practitioner", "PractitionerRole", "Organization"];

    /// <summary>Writes a claim as R4 <c>Claim</c>.</summary>
    /// <param name="claim">The claim.</param>
    /// <returns>Compact JSON in UTF-8.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="claim"/> is null.</exception>
    /// <exception cref="ArgumentException">It has a fault; the message names each.</exception>
    public static byte[] WriteClaim(InsuranceClaim claim) => R4Json.Write(ToResource(claim));

    /// <summary>Reads an R4 <c>Claim</c> for a preauthorisation.</summary>
    /// <param name="json">JSON in UTF-8, at most <see cref="MaxResourceLength"/> bytes.</param>
    /// <returns>The claim.</returns>
    /// <exception cref="PhrDataException">It is no such claim; the message names every fault.</exception>
    public static InsuranceClaim ReadClaim(ReadOnlySpan<byte> json)
    {
        var faults = new FaultList();
        return Required(ClaimStage, Read<Claim, InsuranceClaim>(json, faults, ToClaim), faults);
    }

    /// <summary>Reads an R4 <c>Claim</c>, without an exception.</summary>
    /// <param name="json">JSON in UTF-8.</param>
    /// <param name="claim">The claim, or null.</param>
    /// <param name="faults">Everything that is wrong with it, at most 64; empty when it was read.</param>
    /// <returns>Whether it was read.</returns>
    public static bool TryReadClaim(ReadOnlySpan<byte> json, [NotNullWhen(true)] out InsuranceClaim? claim, out IReadOnlyList<FhirFault> faults)
    {
        var list = new FaultList();
        claim = Read<Claim, InsuranceClaim>(json, list, ToClaim);
        return Succeeded(claim, list, out faults);
    }

    /// <summary>Makes a resource of a claim, for systems that work with the Firely SDK.</summary>
    /// <param name="claim">The claim.</param>
    /// <returns>A new resource.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="claim"/> is null.</exception>
    /// <exception cref="ArgumentException">It has a fault; the message names each.</exception>
    public static Claim ToResource(InsuranceClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var resource = new Claim
        {
            Id = claim.Id,
            Identifier = [R4Writer.Identifier(claim.Identifier)!],
            Status = claim.Status switch
            {
                InsuranceClaimStatus.Active => FinancialResourceStatusCodes.Active,
                InsuranceClaimStatus.Cancelled => FinancialResourceStatusCodes.Cancelled,
                InsuranceClaimStatus.Draft => FinancialResourceStatusCodes.Draft,
                _ => FinancialResourceStatusCodes.EnteredInError,
            },
            Type = R4Writer.Concept(ClaimTypeSystem, "professional"),
            Use = ClaimUseCode.Preauthorization,
            Patient = R4Writer.Reference(claim.Patient),
            CreatedElement = R4Writer.Time(claim.FiledAt),
            Insurer = R4Writer.Reference(claim.Insurer),
            Provider = R4Writer.Reference(claim.Doctor),
            Priority = R4Writer.Concept(PrioritySystem, "normal"),
            Related = claim.RelatedTo is { } related ? [new Claim.RelatedClaimComponent { Reference = R4Writer.Identifier(FhirIdentifier.Of(related)) }] : [],
            CareTeam = claim.Hospital is { } hospital ? [new Claim.CareTeamComponent { Sequence = 1, Provider = R4Writer.Reference(hospital) }] : [],
            SupportingInfo = claim.EvidenceDigest is { } evidence
                ?
                [
                    new Claim.SupportingInformationComponent
                    {
                        Sequence = 1,
                        Category = R4Writer.Concept(InformationSystem, "attachment"),
                        Value = R4Writer.Reference(new FhirReference { Type = nameof(DocumentReference), Identifier = FhirIdentifier.Of(evidence) }),
                    },
                ]
                : [],
            Insurance = [new Claim.InsuranceComponent { Sequence = 1, Focal = true, Coverage = new ResourceReference { Type = nameof(Coverage), Display = "The patient's cover with the insurer." } }],
            Total = ToMoney(claim.Amount),
        };
        return Checked(resource, nameof(claim), (written, faults) => ToClaim(written, new R4Reader(faults)));
    }

    /// <summary>Reads a claim from a resource of the Firely SDK.</summary>
    /// <param name="claim">The resource.</param>
    /// <returns>The claim.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="claim"/> is null.</exception>
    /// <exception cref="PhrDataException">It is no such claim; the message names every fault.</exception>
    public static InsuranceClaim FromResource(Claim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var faults = new FaultList();
        R4Json.Validate(claim, faults);
        return Required(ClaimStage, faults.IsEmpty ? Map<Claim, InsuranceClaim>(claim, faults, ToClaim) : null, faults);
    }

    /// <summary>Writes an answer as R4 <c>ClaimResponse</c>.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>Compact JSON in UTF-8.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="answer"/> is null.</exception>
    /// <exception cref="ArgumentException">It has a fault; the message names each.</exception>
    public static byte[] WriteClaimAnswer(ClaimAnswer answer) => R4Json.Write(ToResource(answer));

    /// <summary>Reads an R4 <c>ClaimResponse</c> that a level wrote with this library.</summary>
    /// <param name="json">JSON in UTF-8, at most <see cref="MaxResourceLength"/> bytes.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="PhrDataException">It is no such answer; the message names every fault.</exception>
    public static ClaimAnswer ReadClaimAnswer(ReadOnlySpan<byte> json)
    {
        var faults = new FaultList();
        return Required(AnswerStage, Read<ClaimResponse, ClaimAnswer>(json, faults, ToAnswer), faults);
    }

    /// <summary>Reads an R4 <c>ClaimResponse</c>, without an exception.</summary>
    /// <param name="json">JSON in UTF-8.</param>
    /// <param name="answer">The answer, or null.</param>
    /// <param name="faults">Everything that is wrong with it, at most 64; empty when it was read.</param>
    /// <returns>Whether it was read.</returns>
    public static bool TryReadClaimAnswer(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ClaimAnswer? answer, out IReadOnlyList<FhirFault> faults)
    {
        var list = new FaultList();
        answer = Read<ClaimResponse, ClaimAnswer>(json, list, ToAnswer);
        return Succeeded(answer, list, out faults);
    }

    /// <summary>Makes a resource of an answer, for systems that work with the Firely SDK.</summary>
    /// <param name="answer">The answer.</param>
    /// <returns>A new resource.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="answer"/> is null.</exception>
    /// <exception cref="ArgumentException">It has a fault; the message names each.</exception>
    public static ClaimResponse ToResource(ClaimAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var resource = new ClaimResponse
        {
            Id = answer.Id,
            Identifier = [new Identifier { System = answer.Claim.System, Value = string.Create(CultureInfo.InvariantCulture, $"{answer.Claim.Value}{AnswerSeparator}{answer.Number}") }],
            Status = FinancialResourceStatusCodes.Active,
            Type = R4Writer.Concept(ClaimTypeSystem, "professional"),
            Use = ClaimUseCode.Preauthorization,
            Patient = R4Writer.Reference(answer.Patient),
            CreatedElement = R4Writer.Time(answer.Time),
            Insurer = R4Writer.Reference(answer.Insurer),
            Request = new ResourceReference { Type = nameof(Claim), Identifier = R4Writer.Identifier(answer.Claim) },
            Outcome = answer.Outcome switch
            {
                ClaimOutcome.Queued => ClaimProcessingCodes.Queued,
                ClaimOutcome.Partial => ClaimProcessingCodes.Partial,
                ClaimOutcome.Complete => ClaimProcessingCodes.Complete,
                _ => ClaimProcessingCodes.Error,
            },
            Disposition = answer.Disposition,
            PreAuthRef = answer.Approved is null ? null : answer.Claim.Value,
            Total = answer.Approved is { } approved ? [new ClaimResponse.TotalComponent { Category = R4Writer.Concept(AdjudicationSystem, "benefit"), Amount = ToMoney(approved) }] : [],
        };
        resource.Extension.Add(new Extension(LevelExtension, new PositiveInt(answer.Level)));
        if (answer.Decider is { } decider)
        {
            resource.Extension.Add(new Extension(DeciderExtension, R4Writer.Reference(decider)));
        }

        if (answer.ReasonCode != 0)
        {
            resource.Extension.Add(new Extension(ReasonExtension, new PositiveInt(answer.ReasonCode)));
        }

        return Checked(resource, nameof(answer), (written, faults) => ToAnswer(written, new R4Reader(faults)));
    }

    /// <summary>Reads an answer from a resource of the Firely SDK.</summary>
    /// <param name="response">The resource.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="response"/> is null.</exception>
    /// <exception cref="PhrDataException">It is no such answer; the message names every fault.</exception>
    public static ClaimAnswer FromResource(ClaimResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        var faults = new FaultList();
        R4Json.Validate(response, faults);
        return Required(AnswerStage, faults.IsEmpty ? Map<ClaimResponse, ClaimAnswer>(response, faults, ToAnswer) : null, faults);
    }

    private static Money ToMoney(MoneyAmount amount) =>
        new() { Value = amount.Value, Currency = EnumUtility.ParseLiteral<Money.Currencies>(amount.Currency) };

    private static MoneyAmount ReadMoney(string path, Money? money, R4Reader reader)
    {
        if (money is { Value: >= 0 and var value, Currency: { } currency })
        {
            return MoneyAmount.Of(value, currency.GetLiteral()!);
        }

        reader.Add("phr-money", path, "An amount has a value that is not negative, and a currency.");
        return default;
    }

    private static InsuranceClaim ToClaim(Claim claim, R4Reader reader)
    {
        const string Root = nameof(Claim);
        if (claim.Use != ClaimUseCode.Preauthorization)
        {
            reader.Add("phr-use", Root + ".use", "The use must be preauthorization.");
        }

        if (claim.Related.Count > 1 || claim.CareTeam.Count > 1 || claim.SupportingInfo.Count > 1)
        {
            reader.Add("phr-once", Root, "Related claims, care team and supporting information are read once only.");
        }

        return new InsuranceClaim
        {
            Id = reader.Id(Root + ".id", claim.Id),
            Identifier = reader.OneIdentifier(Root + ".identifier", claim.Identifier) ?? Missing(Root + ".identifier", reader),
            Status = claim.Status switch
            {
                FinancialResourceStatusCodes.Active => InsuranceClaimStatus.Active,
                FinancialResourceStatusCodes.Cancelled => InsuranceClaimStatus.Cancelled,
                FinancialResourceStatusCodes.Draft => InsuranceClaimStatus.Draft,
                _ => InsuranceClaimStatus.EnteredInError,
            },
            Patient = reader.Reference(Root + ".patient", claim.Patient, "Patient"),
            Doctor = reader.Reference(Root + ".provider", claim.Provider, ClaimantTypes),
            Hospital = claim.CareTeam.FirstOrDefault() is { } team ? reader.Reference(Root + ".careTeam[0].provider", team.Provider, ClaimantTypes) : null,
            Insurer = reader.Reference(Root + ".insurer", claim.Insurer, "Organization"),
            FiledAt = reader.Time(Root + ".created", claim.Created),
            Amount = ReadMoney(Root + ".total", claim.Total, reader),
            EvidenceDigest = claim.SupportingInfo.FirstOrDefault() is { } info
                ? ReadDigest(Root + ".supportingInfo[0].valueReference", info.Value is ResourceReference reference ? reader.Reference(Root + ".supportingInfo[0].valueReference", reference, nameof(DocumentReference)).Identifier : null, reader)
                : null,
            RelatedTo = claim.Related.FirstOrDefault() is { } related ? ReadDigest(Root + ".related[0].reference", reader.Identifier(Root + ".related[0].reference", related.Reference), reader) : null,
        };
    }

    private static Digest? ReadDigest(string path, FhirIdentifier? identifier, R4Reader reader)
    {
        if (identifier is not null && identifier.TryGetDigest(out Digest digest))
        {
            return digest;
        }

        reader.Add("phr-digest", path, "It is named by its SHA-256 digest: ni:///sha-256;… in urn:ietf:rfc:3986.");
        return null;
    }

    private static ClaimAnswer ToAnswer(ClaimResponse response, R4Reader reader)
    {
        const string Root = nameof(ClaimResponse);
        if (response.Use != ClaimUseCode.Preauthorization)
        {
            reader.Add("phr-use", Root + ".use", "The use must be preauthorization.");
        }

        if (response.Status != FinancialResourceStatusCodes.Active)
        {
            reader.Add("phr-status", Root + ".status", "The status of an answer is active.");
        }

        FhirIdentifier claim = (response.Request is { } request ? reader.Reference(Root + ".request", request, nameof(Claim)).Identifier : null) ?? Missing(Root + ".request.identifier", reader);
        FhirIdentifier own = reader.OneIdentifier(Root + ".identifier", response.Identifier) ?? Missing(Root + ".identifier", reader);
        int number = 0;
        if (own.System != claim.System || !own.Value.StartsWith(claim.Value + AnswerSeparator, StringComparison.Ordinal)
            || !int.TryParse(own.Value.AsSpan(int.Min(own.Value.Length, claim.Value.Length + AnswerSeparator.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out number) || number < 1)
        {
            reader.Add("phr-answer", Root + ".identifier", "An answer is called like its claim, with # and its number.");
        }

        if (response.Total.Count > 1 || (response.Total.Count == 1 && !R4Reader.Has(response.Total[0].Category, AdjudicationSystem, "benefit")))
        {
            reader.Add("phr-once", Root + ".total", "There is one total at most, the benefit.");
        }

        int level = Number(response, LevelExtension, reader) ?? 0;
        if (level is < 1 or > ClaimAnswer.AppealLevel)
        {
            reader.Add("phr-level", Root + ".extension", "The level lies between 1 and 5.");
        }

        Extension[] deciders = [.. response.Extension.Where(e => e.Url == DeciderExtension)];
        if (deciders.Length > 1)
        {
            reader.Add("phr-once", Root + ".extension", "Who answers is said once.");
        }

        return new ClaimAnswer
        {
            Id = reader.Id(Root + ".id", response.Id),
            Number = number,
            Claim = claim,
            Patient = reader.Reference(Root + ".patient", response.Patient, "Patient"),
            Insurer = reader.Reference(Root + ".insurer", response.Insurer, "Organization"),
            Decider = deciders.Length > 0 ? reader.Reference(Root + ".extension", deciders[0].Value as ResourceReference, ClaimantTypes) : null,
            Level = level,
            Outcome = response.Outcome switch
            {
                ClaimProcessingCodes.Queued => ClaimOutcome.Queued,
                ClaimProcessingCodes.Partial => ClaimOutcome.Partial,
                ClaimProcessingCodes.Complete => ClaimOutcome.Complete,
                _ => ClaimOutcome.Error,
            },
            Disposition = reader.RequiredText(Root + ".disposition", response.Disposition, 1000),
            Time = reader.Time(Root + ".created", response.Created),
            ReasonCode = Number(response, ReasonExtension, reader) ?? 0,
            Approved = response.Total.FirstOrDefault() is { } total ? ReadMoney(Root + ".total[0].amount", total.Amount, reader) : null,
        };
    }

    private static int? Number(ClaimResponse response, string url, R4Reader reader)
    {
        Extension[] found = [.. response.Extension.Where(e => e.Url == url)];
        if (found.Length == 1 && found[0].Value is PositiveInt { Value: { } value })
        {
            return value;
        }

        if (found.Length > 0)
        {
            reader.Add("phr-extension", nameof(ClaimResponse) + ".extension", "The number of the extension is a positive integer, once.");
        }

        return null;
    }
}
