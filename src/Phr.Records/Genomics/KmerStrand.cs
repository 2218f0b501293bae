namespace Phr.Records;

/// <summary>Which strand words of a sequence are counted on.</summary>
public enum KmerStrand
{
    /// <summary>The strand that is read.</summary>
    Forward = 0,
    /// <summary>Either: a word and its reverse complement count as the one that comes first in the alphabet.</summary>
    Canonical,
}
