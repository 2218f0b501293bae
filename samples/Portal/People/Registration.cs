using System.ComponentModel.DataAnnotations;

namespace Phr.Samples.Portal;

/// <summary>What somebody fills in to register.</summary>
public sealed class Registration : IValidatableObject
{
    public PortalRole Role { get; set; }

    [Required(ErrorMessage = "Write your name.")]
    [StringLength(100, ErrorMessage = "A name has at most 100 characters.")]
    public string Name { get; set; } = string.Empty;

    [Required(ErrorMessage = "Write your e-mail address.")]
    [EmailAddress(ErrorMessage = "This is no e-mail address.")]
    [StringLength(200, ErrorMessage = "An e-mail address has at most 200 characters.")]
    public string Email { get; set; } = string.Empty;

    [Required(ErrorMessage = "Choose a password.")]
    [StringLength(200, MinimumLength = 10, ErrorMessage = "A password has 10 to 200 characters.")]
    public string Password { get; set; } = string.Empty;

    [Required(ErrorMessage = "Write the password again.")]
    [Compare(nameof(Password), ErrorMessage = "The two passwords differ.")]
    public string PasswordAgain { get; set; } = string.Empty;

    public string TimeZone { get; set; } = "UTC";

    // A patient's
    [StringLength(400, ErrorMessage = "That is too long: at most 400 characters.")]
    public string? Guardians { get; set; }

    public int? HospitalId { get; set; }

    public int? PersonalDoctorId { get; set; }

    [StringLength(100, ErrorMessage = "A location has at most 100 characters.")]
    public string? Location { get; set; }

    [StringLength(64, ErrorMessage = "A speciality has at most 64 characters.")]
    public string? Speciality { get; set; }

    [StringLength(64, ErrorMessage = "A type of insurance has at most 64 characters.")]
    public string? InsuranceType { get; set; }

    // A doctor's
    [StringLength(64, ErrorMessage = "A licence number has at most 64 characters.")]
    public string? LicenceNumber { get; set; }

    /// <summary>The guardians' addresses, each once.</summary>
    public IReadOnlyList<string> GuardianAddresses =>
        [.. (Guardians ?? string.Empty).Split([',', ';', ' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>What is wrong with the texts, whoever fills them in.</summary>
    public IEnumerable<ValidationResult> TextFaults()
    {
        (string What, string? Text, int MaxLength, string Member)[] texts =
        [
            ("The name", Name, 100, nameof(Name)), ("The e-mail address", Email, 200, nameof(Email)), ("The password", Password, 200, nameof(Password)), ("The list of guardians", Guardians, 400, nameof(Guardians)),
            ("The location", Location, 100, nameof(Location)), ("The speciality", Speciality, 64, nameof(Speciality)), ("The type of insurance", InsuranceType, 64, nameof(InsuranceType)), ("The licence number", LicenceNumber, 64, nameof(LicenceNumber)),
        ];
        foreach ((string what, string? text, int maxLength, string member) in texts)
        {
            if (text?.Length > maxLength)
            {
                yield return new ValidationResult($"{what} has at most {maxLength} characters.", [member]);
            }
            else if (!PlainText.IsLine(text))
            {
                yield return new ValidationResult($"{what} {PlainText.Refusal}.", [member]);
            }
        }

        if (string.IsNullOrWhiteSpace(Name))
        {
            yield return new ValidationResult("Write a name.", [nameof(Name)]);
        }
    }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (ValidationResult fault in TextFaults())
        {
            yield return fault;
        }

        if (Role == PortalRole.Patient)
        {
            if (HospitalId is null)
            {
                yield return new ValidationResult("Choose a hospital: it is one of the trustees of your records.", [nameof(HospitalId)]);
            }

            if (GuardianAddresses.Count > 5 || GuardianAddresses.Any(address => !new EmailAddressAttribute().IsValid(address)))
            {
                yield return new ValidationResult("Write up to five e-mail addresses with commas between them.", [nameof(Guardians)]);
            }
        }

        if (Role == PortalRole.Doctor)
        {
            if (string.IsNullOrWhiteSpace(LicenceNumber))
            {
                yield return new ValidationResult("Write the number of your licence.", [nameof(LicenceNumber)]);
            }

            if (string.IsNullOrWhiteSpace(Speciality))
            {
                yield return new ValidationResult("Write your speciality.", [nameof(Speciality)]);
            }
        }
    }
}
