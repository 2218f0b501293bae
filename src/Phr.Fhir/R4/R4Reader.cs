using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Hl7.Fhir.Model;
using Phr.Crypto;
using Phr.Fhir.Faults;
using Phr.Shared;

namespace Phr.Fhir.R4;

/// <summary>Reads the parts that resources share, and says of each what is wrong with it. What it gives back after a fault means nothing.</summary>
internal sealed partial class R4Reader(FaultList faults)
{
    public const int MaxText = 4000;

    private const int MaxAddress = 512;
    private const int MaxDisplay = 256;

    public FaultList Faults => faults;

    public void Add(string rule, string path, string message) => faults.Add(rule, path, message);

    /// <summary>Text that people act on: nothing in it displays as something else than it is.</summary>
    public string? Text(string path, string? text, int maxLength = MaxText)
    {
        if (text is not null && (text.Length > maxLength || string.IsNullOrWhiteSpace(text)))
        {
            faults.Add("phr-text", path, $"The text is empty, or longer than {maxLength} characters.", PhrDataReason.TooLarge);
        }
        else if (text is not null && !IsPlain(text))
        {
            faults.Add("phr-text", path, "The text has control or formatting characters, which could make it read as something else.");
        }

        return text;
    }

    public string RequiredText(string path, string? text, int maxLength = MaxText)
    {
        if (text is null)
        {
            faults.Add("phr-missing", path, "It must be there.");
        }

        return Text(path, text, maxLength) ?? string.Empty;
    }

    public string? Id(string path, string? id)
    {
        if (id is not null && !IdForm().IsMatch(id))
        {
            faults.Add("phr-id", path, "An id is 1 to 64 of letters, digits, '-' and '.'.");
        }

        return id;
    }

    public DateTimeOffset Time(string path, string? text, FhirTime.Edge edge = FhirTime.Edge.Begin)
    {
        if (!FhirTime.TryRead(text, edge, out DateTimeOffset time, out _))
        {
            faults.Add("phr-time", path, text is null ? "It must be there." : "It is no date, and no time with its zone.");
        }

        return time;
    }

    public (DateTimeOffset? From, DateTimeOffset? Until) Period(string path, Period? period)
    {
        DateTimeOffset? from = period?.Start is { } start ? Time(path + ".start", start) : null;
        DateTimeOffset? until = period?.End is { } end ? Time(path + ".end", end, FhirTime.Edge.End) : null;
        if (from > until)
        {
            faults.Add("phr-period", path, "It ends before it begins.");
        }

        return (from, until);
    }

    public FhirIdentifier? Identifier(string path, Identifier? identifier)
    {
        if (identifier is null)
        {
            return null;
        }

        string? system = Text(path + ".system", identifier.System, MaxAddress);
        return new FhirIdentifier { System = system, Value = RequiredText(path + ".value", identifier.Value, MaxAddress) };
    }

    public FhirIdentifier? OneIdentifier(string path, IReadOnlyList<Identifier> identifiers)
    {
        if (identifiers.Count > 1)
        {
            // Of several the ledger's is the one that counts.
            Identifier[] urns = [.. identifiers.Where(i => i.System == FhirIdentifier.UriSystem && LedgerUrn.TryParse(i.Value, out _))];
            if (urns.Length != 1)
            {
                faults.Add("phr-identifier", path, "Of several identifiers one, and only one, must be a ledger's URN.");
                return null;
            }

            return Identifier(path, urns[0]);
        }

        return identifiers.Count == 0 ? null : Identifier(path + "[0]", identifiers[0]);
    }

    /// <summary>A reference to a resource of one of the <paramref name="types"/>; of any, when there are none.</summary>
    public FhirReference Reference(string path, ResourceReference? reference, params ReadOnlySpan<string> types)
    {
        if (reference is null)
        {
            faults.Add("phr-missing", path, "It must be there.");
            return new FhirReference { Type = string.Empty };
        }

        string? address = Text(path + ".reference", reference.Reference, MaxAddress);
        FhirIdentifier? identifier = Identifier(path + ".identifier", reference.Identifier);
        if (address is null && identifier is null)
        {
            faults.Add("phr-reference", path, "It points nowhere: it has neither a reference nor an identifier.");
        }

        if (address is not null && address.StartsWith('#'))
        {
            faults.Add("phr-reference", path + ".reference", "References into the same resource are not taken.");
        }

        Match match = AddressForm().Match(address ?? string.Empty);
        string? said = reference.Type is { } type ? type.Split('/')[^1] : null;
        string? addressed = match.Success && ModelInfo.IsKnownResource(match.Groups[1].Value) ? match.Groups[1].Value : null;
        if (said is not null && addressed is not null && said != addressed)
        {
            faults.Add("phr-reference", path + ".type", "It says another type than its address has.");
        }

        string? known = said ?? addressed ?? (types.Length == 1 ? types[0] : null);
        if (known is null || !ModelInfo.IsKnownResource(known))
        {
            faults.Add("phr-reference", path, "It does not say what type of resource it points at.");
        }
        else if (types.Length > 0 && !types.Contains(known))
        {
            faults.Add("phr-reference", path, $"It must point at {string.Join(", ", types.ToArray())}.");
        }

        return new FhirReference { Type = known ?? string.Empty, Address = address, Identifier = identifier, Display = Text(path + ".display", reference.Display, MaxDisplay) };
    }

    public FhirConcept Concept(string path, CodeableConcept? concept)
    {
        if (concept is null || (concept.Text is null && concept.Coding.Count == 0))
        {
            faults.Add("phr-missing", path, "It must be there, with words or with a code.");
            return new FhirConcept();
        }

        // Codings beyond the first say the same in other systems.
        Coding? coding = concept.Coding.FirstOrDefault(c => c.UserSelected == true) ?? concept.Coding.FirstOrDefault();
        if (coding is not null && (coding.Code is null || coding.System is null))
        {
            faults.Add("phr-coding", path + ".coding[0]", "A code comes with its system, and a system with a code.");
        }

        return new FhirConcept
        {
            Text = Text(path + ".text", concept.Text, 1000),
            System = Text(path + ".coding[0].system", coding?.System, MaxAddress),
            Code = Text(path + ".coding[0].code", coding?.Code, 128),
            Display = Text(path + ".coding[0].display", coding?.Display, MaxDisplay),
        };
    }

    public FhirAttachment Attachment(string path, Attachment attachment)
    {
        if (attachment.Data is not null)
        {
            faults.Add("phr-attachment", path + ".data", "Content inside of a resource is not taken; give its address.");
        }

        Digest? digest = null;
        Extension[] digests = [.. attachment.Extension.Where(e => e.Url == R4Writer.Sha256Extension)];
        if (digests.Length > 0)
        {
            if (digests.Length == 1 && digests[0].Value is Base64Binary { Value: { } bytes } && Digest.TryFromBytes(bytes, out Digest read))
            {
                digest = read;
            }
            else
            {
                faults.Add("phr-attachment", path + ".extension", "The SHA-256 digest is 32 bytes, once.");
            }
        }

        long? length = attachment.SizeElement switch
        {
            UnsignedInt small => small.Value,
            Integer64 large => large.Value,
            _ => null,
        };
        return new FhirAttachment
        {
            MediaType = RequiredText(path + ".contentType", attachment.ContentType, 128),
            Address = RequiredText(path + ".url", attachment.Url, MaxAddress),
            Length = length is >= 0 and <= uint.MaxValue ? (uint)length : null,
            Digest = digest,
            Title = Text(path + ".title", attachment.Title, MaxDisplay),
        };
    }

    public static bool Has(CodeableConcept? concept, string system, string code) => concept?.Coding.Any(c => c.System == system && c.Code == code) == true;

    // A half surrogate is enumerated as the replacement character.
    private static bool IsPlain(string text) => Joiners.AreSound(text) && text.EnumerateRunes().All(rune =>
        rune != Rune.ReplacementChar
        && (Rune.GetUnicodeCategory(rune) is not UnicodeCategory.Format || Joiners.Is(rune))
        && (!Rune.IsControl(rune) || rune.Value is '\n' or '\r' or '\t'));

    [GeneratedRegex("^[A-Za-z0-9.-]{1,64}$")]
    private static partial Regex IdForm();

    [GeneratedRegex(@"(?:^|/)([A-Z][A-Za-z]{1,40})/[A-Za-z0-9.-]{1,64}(?:/_history/[A-Za-z0-9.-]{1,64})?$")]
    private static partial Regex AddressForm();
}
