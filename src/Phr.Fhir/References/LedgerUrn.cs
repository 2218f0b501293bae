using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Phr.Crypto;

namespace Phr.Fhir;

/// <summary>The name of something on a ledger, as FHIR identifiers carry it.</summary>
/// <remarks>
/// <c>urn:evm:CHAIN:CONTRACT:KIND:ID</c> for a contract on a chain with an EIP-155 id, and <c>urn:phr:OPERATOR:KIND:ID</c> for an embedded ledger, which is
/// known by its operator's address. <c>CHAIN</c> is decimal; the others are lower-case hexadecimal without <c>0x</c>; <c>KIND</c> is <c>actor</c>, <c>consent</c>,
/// <c>claim</c>, <c>policy</c>, <c>bundle</c> or <c>document</c>; a document's id is <c>BUNDLE:DOCUMENT</c>. There is one way to write each.
/// Immutable and thread safe. The default value names nothing.
/// </remarks>
public readonly record struct LedgerUrn
{
    private const string EvmPrefix = "urn:evm:";
    private const string EmbeddedPrefix = "urn:phr:";
    private const int MaxLength = 256;

    private readonly string? _id;

    private LedgerUrn(LedgerId ledger, LedgerUrnKind kind, string id)
    {
        Ledger = ledger;
        Kind = kind;
        _id = id;
    }

    /// <summary>The ledger.</summary>
    public LedgerId Ledger { get; }

    /// <summary>What is named.</summary>
    public LedgerUrnKind Kind { get; }

    /// <summary>The id in hexadecimal digits; of a document the bundle's and its own with a colon between them; empty in the default value.</summary>
    public string Id => _id ?? string.Empty;

    /// <summary>Names an actor or a team.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="actor">Its id.</param>
    /// <returns>The URN.</returns>
    public static LedgerUrn ForActor(LedgerId ledger, ActorId actor) => new(ledger, LedgerUrnKind.Actor, actor.ToString());

    /// <summary>Names the consent that a request asks for.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="request">The request's id.</param>
    /// <returns>The URN.</returns>
    public static LedgerUrn ForConsent(LedgerId ledger, RequestId request) => new(ledger, LedgerUrnKind.Consent, request.ToString());

    /// <summary>Names an insurance claim.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="claim">Its id.</param>
    /// <returns>The URN.</returns>
    public static LedgerUrn ForClaim(LedgerId ledger, Digest claim) => new(ledger, LedgerUrnKind.Claim, claim.ToString());

    /// <summary>Names a consent policy.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="policy">Its digest.</param>
    /// <returns>The URN.</returns>
    public static LedgerUrn ForPolicy(LedgerId ledger, Digest policy) => new(ledger, LedgerUrnKind.Policy, policy.ToString());

    /// <summary>Names a bundle.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="bundle">Its id.</param>
    /// <returns>The URN.</returns>
    public static LedgerUrn ForBundle(LedgerId ledger, BundleId bundle) => new(ledger, LedgerUrnKind.Bundle, bundle.ToString());

    /// <summary>Names a document in a bundle.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="bundle">The bundle's id.</param>
    /// <param name="document">The document's id.</param>
    /// <returns>The URN.</returns>
    public static LedgerUrn ForDocument(LedgerId ledger, BundleId bundle, DocumentId document) => new(ledger, LedgerUrnKind.Document, $"{bundle}:{document}");

    /// <summary>Reads a URN.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The URN.</returns>
    /// <exception cref="FormatException">The text is not such a URN in its one form.</exception>
    public static LedgerUrn Parse(string text) =>
        TryParse(text, out LedgerUrn urn) ? urn : throw new FormatException("A ledger's URN is urn:evm:CHAIN:CONTRACT:KIND:ID or urn:phr:OPERATOR:KIND:ID.");

    /// <summary>Reads a URN, without an exception.</summary>
    /// <param name="text">The text.</param>
    /// <param name="urn">The URN, or the default value.</param>
    /// <returns>Whether the text was such a URN in its one form.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out LedgerUrn urn)
    {
        urn = default;
        if (text is not { Length: <= MaxLength })
        {
            return false;
        }

        string[] parts = text.Split(':');
        ulong chain = 0;
        int at = 2;
        if (text.StartsWith(EvmPrefix, StringComparison.Ordinal))
        {
            if (parts.Length < 5 || !ulong.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out chain) || chain == 0)
            {
                return false;
            }

            at = 3;
        }
        else if (!text.StartsWith(EmbeddedPrefix, StringComparison.Ordinal))
        {
            return false;
        }

        if (parts.Length < at + 3 || !ActorId.TryParse(parts[at], out ActorId contract) || KindOf(parts[at + 1]) is not (not LedgerUrnKind.None and var kind))
        {
            return false;
        }

        string[] ids = parts[(at + 2)..];
        bool valid = kind switch
        {
            LedgerUrnKind.Actor => ids.Length == 1 && ActorId.TryParse(ids[0], out _),
            LedgerUrnKind.Document => ids.Length == 2 && BundleId.TryParse(ids[0], out _) && DocumentId.TryParse(ids[1], out _),
            _ => ids.Length == 1 && Digest.TryParse(ids[0], out _),
        };
        var read = new LedgerUrn(new LedgerId(chain, contract), kind, string.Join(':', ids));
        if (!valid || read.ToString() != text || ids.Any(i => i.AsSpan().ContainsAnyExceptInRange('0', 'f') || i.AsSpan().ContainsAnyInRange('A', 'Z')))
        {
            return false;
        }

        urn = read;
        return true;
    }

    /// <summary>The actor.</summary>
    /// <param name="actor">Its id, or the default value.</param>
    /// <returns>Whether the URN names an actor.</returns>
    public bool TryGetActor(out ActorId actor)
    {
        actor = default;
        return Kind == LedgerUrnKind.Actor && ActorId.TryParse(Id, out actor);
    }

    /// <summary>The request of the consent.</summary>
    /// <param name="request">Its id, or the default value.</param>
    /// <returns>Whether the URN names a consent.</returns>
    public bool TryGetRequest(out RequestId request)
    {
        request = default;
        return Kind == LedgerUrnKind.Consent && RequestId.TryParse(Id, out request);
    }

    /// <summary>The claim's id.</summary>
    /// <param name="claim">The id, or the default value.</param>
    /// <returns>Whether the URN names a claim.</returns>
    public bool TryGetClaim(out Digest claim)
    {
        claim = default;
        return Kind == LedgerUrnKind.Claim && Digest.TryParse(Id, out claim);
    }

    /// <summary>The policy's digest.</summary>
    /// <param name="policy">The digest, or the default value.</param>
    /// <returns>Whether the URN names a policy.</returns>
    public bool TryGetPolicy(out Digest policy)
    {
        policy = default;
        return Kind == LedgerUrnKind.Policy && Digest.TryParse(Id, out policy);
    }

    /// <summary>The document.</summary>
    /// <param name="bundle">The bundle's id, or the default value.</param>
    /// <param name="document">The document's id, or the default value.</param>
    /// <returns>Whether the URN names a document.</returns>
    public bool TryGetDocument(out BundleId bundle, out DocumentId document)
    {
        bundle = default;
        document = default;
        string[] ids = Id.Split(':');
        return Kind == LedgerUrnKind.Document && BundleId.TryParse(ids[0], out bundle) && DocumentId.TryParse(ids[1], out document);
    }

    /// <summary>Writes the URN.</summary>
    /// <returns>The text; empty for the default value.</returns>
    public override string ToString() =>
        Kind == LedgerUrnKind.None ? string.Empty
        : Ledger.ChainId == 0 ? $"{EmbeddedPrefix}{Ledger.Contract}:{NameOf(Kind)}:{Id}"
        : string.Create(CultureInfo.InvariantCulture, $"{EvmPrefix}{Ledger.ChainId}:{Ledger.Contract}:{NameOf(Kind)}:{Id}");

    private static string NameOf(LedgerUrnKind kind) => kind switch
    {
        LedgerUrnKind.Actor => "actor",
        LedgerUrnKind.Consent => "consent",
        LedgerUrnKind.Claim => "claim",
        LedgerUrnKind.Policy => "policy",
        LedgerUrnKind.Bundle => "bundle",
        _ => "document",
    };

    private static LedgerUrnKind KindOf(string name) => Enum.GetValues<LedgerUrnKind>().FirstOrDefault(kind => kind != LedgerUrnKind.None && NameOf(kind) == name);
}
