namespace Phr.Samples.Portal;

/// <summary>How often doctors confirmed one outcome where a model had suggested something. A number, and nothing about anybody.</summary>
public sealed class OutcomeCount
{
    public int Id { get; set; }

    /// <summary>The model's digest.</summary>
    public string Model { get; set; } = string.Empty;

    /// <summary>What the model's card calls it.</summary>
    public string Title { get; set; } = string.Empty;

    /// <summary>The class that the model suggested.</summary>
    public string Suggested { get; set; } = string.Empty;

    /// <summary>The class that it was.</summary>
    public string Outcome { get; set; } = string.Empty;

    /// <summary>How often until now.</summary>
    public int Count { get; set; }

    /// <summary>How often when the figures were last published.</summary>
    public int Published { get; set; }
}
