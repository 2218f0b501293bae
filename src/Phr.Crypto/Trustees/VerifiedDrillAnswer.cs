using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>A drill answer whose signature and proof were checked. Made only by <see cref="DrillAnswer.Verify"/>.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class VerifiedDrillAnswer
{
    internal VerifiedDrillAnswer(DrillAnswer answer, VerifiedDealing dealing, Point part)
    {
        Answer = answer;
        Dealing = dealing;
        Part = part;
    }

    /// <summary>The answer.</summary>
    public DrillAnswer Answer { get; }

    /// <summary>The dealing.</summary>
    public VerifiedDealing Dealing { get; }

    internal Point Part { get; }
}
