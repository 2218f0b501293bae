namespace Phr.Ml;

/// <summary>The classes that cannot be ruled out for a patient at a stated level of confidence. Immutable.</summary>
/// <remarks>
/// A conformal set by class (Mondrian): of the patients who truly have a class, at least the share <see cref="Level"/> get a set that holds it, whatever
/// the model, as long as patients come as those of training did. The scores that it is calibrated on are those of held-out folds, which makes the
/// guarantee approximate by a little. Source: V. Vovk, A. Gammerman, G. Shafer, "Algorithmic learning in a random world" (2005), chapters 2 and 4.
/// One class: the model is sure enough. Several: it cannot tell them apart at this level. None: the patient resembles no class.
/// </remarks>
public sealed class PredictionSet
{
    private readonly string[] _classes;

    internal PredictionSet(double level, string[] classes)
    {
        Level = level;
        _classes = classes;
    }

    /// <summary>The share of patients whose true class is in their set, between 0 and 1.</summary>
    public double Level { get; }

    /// <summary>The classes that cannot be ruled out, in the schema's order.</summary>
    public IReadOnlyList<string> Classes => _classes;

    /// <summary>Whether exactly one class is left.</summary>
    public bool IsCertain => _classes.Length == 1;

    /// <summary>Whether a class is in the set.</summary>
    /// <param name="name">The class's name, as the schema writes it.</param>
    /// <returns>True when it cannot be ruled out.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="name"/> is null.</exception>
    public bool Contains(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Array.IndexOf(_classes, name) >= 0;
    }

    /// <summary>The classes in braces.</summary>
    /// <returns>Such as <c>{benign, malignant}</c>.</returns>
    public override string ToString() => $"{{{string.Join(", ", _classes)}}}";
}
