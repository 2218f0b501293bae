namespace Phr.RunChecker;

/// <summary>What whoever drove the run says about it: what was asked for and what should have come of it. Nothing in it is taken as proof of a delivery or of an opening.</summary>
internal sealed record RunFacts
{
    /// <summary>The seed of the plan of faults.</summary>
    public int Seed { get; init; }

    /// <summary>So many blocks must stand on a block before an oracle may act on it: what the oracles were told to wait for.</summary>
    public required int Confirmations { get; init; }

    /// <summary>Where the folders are that are named below. It is not recorded.</summary>
    public string Root { get; init; } = string.Empty;

    /// <summary>Every request that was made.</summary>
    public required IReadOnlyList<RequestFact> Requests { get; init; }

    /// <summary>Every fault that was made to happen.</summary>
    public required IReadOnlyList<FaultFact> Faults { get; init; }

    /// <summary>Folders of people who tried to open what was not granted to them: nothing may be in them.</summary>
    public IReadOnlyList<string> EmptyFolders { get; init; } = [];
}

/// <summary>One request.</summary>
internal sealed record RequestFact
{
    /// <summary>Its id on the ledger, in hexadecimal.</summary>
    public required string Id { get; init; }

    /// <summary>The doctor, an address in hexadecimal.</summary>
    public required string Doctor { get; init; }

    /// <summary>What should come of it.</summary>
    public Expectation Expects { get; init; }

    /// <summary>The documents that were asked for: name, and SHA-256 of what was sealed, in hexadecimal.</summary>
    public required IReadOnlyDictionary<string, string> Documents { get; init; }

    /// <summary>The folder in which the doctor keeps what this request opened.</summary>
    public required string Folder { get; init; }
}

/// <summary>One fault.</summary>
internal sealed record FaultFact(string Kind, string Target);

/// <summary>What should come of a request.</summary>
internal enum Expectation
{
    /// <summary>It is granted, every member delivers, and the doctor opens it.</summary>
    Opened,

    /// <summary>Nobody delivers, and nothing is opened.</summary>
    Refused,

    /// <summary>It is granted and taken back while oracles work: what was delivered before stays, and nothing is delivered after.</summary>
    TakenBack,
}
