using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>No endpoint gave a good answer. It does not leave the library: <see cref="For"/> says what it means for an object.</summary>
internal sealed class AllFailedException(IReadOnlyList<IpfsFault> faults) : Exception("No endpoint gave a good answer.")
{
    public IReadOnlyList<IpfsFault> Faults { get; } = faults;

    /// <summary>What the caller learns: the object is damaged, is not there, or nobody could say.</summary>
    /// <param name="cid">The object that was asked for.</param>
    /// <param name="part">The block of it that is at fault; the same as <paramref name="cid"/> for the first.</param>
    public Exception For(Cid cid, Cid part)
    {
        string where = part == cid ? string.Empty : $" (its block {part})";
        IpfsUnavailableException all = new($"No IPFS node gave object {cid}{where}.", Faults);
        if (Faults.All(f => f.Kind == IpfsFaultKind.NotFound))
        {
            return Error.NotFoundAtNodes(cid, where, all);
        }

        // Where nobody was out of reach, what there is of the object is not it.
        return Faults.All(f => f.Kind is IpfsFaultKind.NotFound or IpfsFaultKind.WrongBytes or IpfsFaultKind.TooLong) ? Error.DamagedAtNodes(cid, where, all) : all;
    }
}
