namespace Phr.Fhir;

/// <summary>A name that a system gave to something: FHIR's <c>Identifier</c>.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record FhirIdentifier
{
    /// <summary>The system of identifiers that are URIs by themselves: <c>urn:ietf:rfc:3986</c>.</summary>
    public const string UriSystem = "urn:ietf:rfc:3986";

    /// <summary>The system, a URI of at most 512 characters; null where it is not known.</summary>
    public string? System { get; init; }

    /// <summary>The value in the system: 1 to 512 characters.</summary>
    public required string Value { get; init; }

    /// <summary>The identifier of something on a ledger.</summary>
    /// <param name="urn">Its URN.</param>
    /// <returns>An identifier in <see cref="UriSystem"/>.</returns>
    public static FhirIdentifier Of(LedgerUrn urn) => new() { System = UriSystem, Value = urn.ToString() };

    /// <summary>Names bytes by their SHA-256 digest, as RFC 6920 does: <c>ni:///sha-256;…</c>.</summary>
    /// <param name="digest">The digest.</param>
    /// <returns>An identifier in <see cref="UriSystem"/>.</returns>
    public static FhirIdentifier Of(Phr.Crypto.Digest digest) => new() { System = UriSystem, Value = DigestUri.Write(digest) };

    /// <summary>The ledger's URN, when the identifier is one.</summary>
    /// <param name="urn">The URN, or the default value.</param>
    /// <returns>Whether it is one.</returns>
    public bool TryGetLedgerUrn(out LedgerUrn urn)
    {
        urn = default;
        return System == UriSystem && LedgerUrn.TryParse(Value, out urn);
    }

    /// <summary>The SHA-256 digest, when the identifier is one by RFC 6920.</summary>
    /// <param name="digest">The digest, or the default value.</param>
    /// <returns>Whether it is one.</returns>
    public bool TryGetDigest(out Phr.Crypto.Digest digest)
    {
        digest = default;
        return System == UriSystem && DigestUri.TryRead(Value, out digest);
    }
}
