namespace Phr.Storage;

/// <summary>Says what was wrong with an answer of an IPFS node or gateway.</summary>
public enum IpfsFaultKind
{
    /// <summary>No connection, or one that broke before the answer began.</summary>
    Unreachable = 0,
    /// <summary>The answer, or a block of it, did not come in time: the node is overloaded, or gives a few bytes at a time.</summary>
    TimedOut,
    /// <summary>The node answered with an error of its own, or a status that is no success.</summary>
    Refused,
    /// <summary>The node says that it does not have the block, or looked for it in vain.</summary>
    NotFound,
    /// <summary>The bytes are not those of the content id.</summary>
    WrongBytes,
    /// <summary>The answer ended before it was complete.</summary>
    Truncated,
    /// <summary>The answer has more bytes than it can have: a block above the limit, a stream that goes on after the range, a line without an end.</summary>
    TooLong,
    /// <summary>The blocks are good, but not those of the tree that was asked for, or not in its order; or the node made another tree of what it was given.</summary>
    WrongDag,
    /// <summary>The answer is not of the form that the interface has.</summary>
    Malformed,
    /// <summary>The answer points elsewhere. Redirections are not followed: where content is asked for is the caller's decision.</summary>
    Redirected,
    /// <summary>The headers of the answer are longer than 16 KiB.</summary>
    HeadersTooLarge,
}
