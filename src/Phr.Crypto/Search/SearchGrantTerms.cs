namespace Phr.Crypto;

/// <summary>To what search tokens are bound besides the index: the request they answer, whom they are for, and until when.</summary>
/// <remarks>Both sides take it from the ledger's request, so that a grant for one request is none for another. Immutable and thread safe.</remarks>
public sealed class SearchGrantTerms
{
    /// <summary>The request.</summary>
    public required RequestId Request { get; init; }

    /// <summary>The receiving key that the request states; the tokens are sealed to it.</summary>
    public required PublicKey ReceivingKey { get; init; }

    /// <summary>When the request ends, to the second. After it an honest client searches no more; nothing makes a dishonest one forget.</summary>
    public required DateTimeOffset NotAfter { get; init; }
}
