using Phr.Crypto;

namespace Phr.Fuzz;

/// <summary>One reader under test: it takes bytes from anywhere, and either accepts them, refuses them with the one exception it promises, or has a fault.</summary>
/// <param name="Name">The target's name on the command line and of its corpus: <c>bundle-header</c>.</param>
/// <param name="Readers">The types whose <c>FromBytes</c>, <c>Parse</c> or <c>Open</c> it calls.</param>
/// <param name="Seeds">Makes valid inputs to begin with.</param>
/// <param name="Read">Reads. True: accepted, and written back the same where the format has one form. False or <see cref="PhrDataException"/>: refused. Anything else is a fault. Readers of Phr.Ml refuse with <see cref="InvalidDataException"/>, which their targets turn into false.</param>
internal sealed record FuzzTarget(string Name, Type[] Readers, Func<byte[][]> Seeds, Func<byte[], bool> Read)
{
    /// <summary>The longest input that is tried, in bytes.</summary>
    public int MaxLength { get; init; } = 4096;

    /// <summary>Pieces that inputs may be made of: tags, words.</summary>
    public IReadOnlyList<byte[]> Dictionary { get; init; } = [];

    /// <summary>Whether the accepted inputs are CBOR, so that whole items are moved about.</summary>
    public bool IsCbor { get; init; }

    /// <summary>Reads one input and lets every exception but the promised one out.</summary>
    /// <returns>Whether the input was accepted.</returns>
    public bool Run(byte[] input)
    {
        try
        {
            return Read(input);
        }
        catch (PhrDataException)
        {
            return false;
        }
    }
}
