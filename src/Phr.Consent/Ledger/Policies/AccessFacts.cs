using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What is known of a requester and a request when an access rule is evaluated. Null means unknown, and an unknown fact neither permits nor denies.</summary>
/// <remarks>The ledger knows roles, speciality and hospital; a trustee's client, which opened the request's body, knows the rest. Immutable and thread safe.</remarks>
public sealed record AccessFacts
{
    /// <summary>The requester's roles on the ledger.</summary>
    public ActorRoles? Roles { get; init; }

    /// <summary>The speciality in the requester's licence; empty when there is none.</summary>
    public string? Speciality { get; init; }

    /// <summary>The organisation in the requester's licence; zero when there is none.</summary>
    public ActorId? Hospital { get; init; }

    /// <summary>The team that receives; zero when a person does.</summary>
    public ActorId? Team { get; init; }

    /// <summary>The purpose that the request names.</summary>
    public PurposeOfUse? Purpose { get; init; }

    /// <summary>The labels that every one of the requested documents carries.</summary>
    public IReadOnlyCollection<string>? Labels { get; init; }
}
