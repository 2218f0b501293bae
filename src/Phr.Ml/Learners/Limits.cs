namespace Phr.Ml.Learners;

/// <summary>The largest numbers a model file may name, so that a damaged one is refused before memory is taken.</summary>
internal static class Limits
{
    public const int Features = 1 << 20;
    public const int Classes = 1 << 10;
    public const int Members = 1 << 10;
    public const int Trees = 1 << 16;
    public const int Nodes = 1 << 26;
    public const int SupportVectors = 1 << 22;
}
