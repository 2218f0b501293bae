namespace Phr.Crypto;

/// <summary>What an authority certifies of a doctor in a <see cref="LicenceCredential"/>.</summary>
/// <remarks>Texts are 1 to 64 characters, without control characters.</remarks>
public sealed class LicenceTerms
{
    /// <summary>The longest text in characters: 64.</summary>
    public const int MaxTextLength = 64;

    /// <summary>The doctor.</summary>
    public required ActorId Doctor { get; init; }

    /// <summary>The object key that the authority has seen the doctor use: requests are signed with it, so that nobody else can use the licence.</summary>
    public required PublicKey DoctorObjectKey { get; init; }

    /// <summary>The licence's number, as the authority writes it.</summary>
    /// <value>1 to 64 characters.</value>
    public required string LicenceNumber { get; init; }

    /// <summary>The speciality as a code or a word of the authority's list, for example <c>cardiology</c>.</summary>
    /// <value>1 to 64 characters.</value>
    public required string Speciality { get; init; }

    /// <summary>The organisation for which the doctor works; the zero id when there is none.</summary>
    public required ActorId Organisation { get; init; }

    /// <summary>When the licence begins. Fractions of a second are cut off.</summary>
    public required DateTimeOffset ValidFrom { get; init; }

    /// <summary>When the licence ends (the first moment at which it no longer counts). Fractions of a second are cut off.</summary>
    public required DateTimeOffset NotAfter { get; init; }
}
