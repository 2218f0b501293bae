using System.Diagnostics.CodeAnalysis;
using Phr.Ml.Models;

namespace Phr.Ml;

/// <summary>What one must know of a model before relying on it: where it comes from, for whom it is meant, how good it is, and where it fails. Immutable.</summary>
/// <remarks>
/// The idea is that of M. Mitchell et al., "Model cards for model reporting" (2019). The card is part of the model's file, and so of its digest and of
/// its signature. It names no patient. It carries no date of its own accord, so that the same training gives the same file, byte for byte.
/// </remarks>
public sealed record ModelCard
{
    /// <summary>What the model is called.</summary>
    public required string Title { get; init; }

    /// <summary>What it is meant for, in a sentence.</summary>
    public string IntendedUse { get; init; } = "";

    /// <summary>Whose data it was trained on: place, time, age, how they were chosen.</summary>
    public string Population { get; init; } = "";

    /// <summary>What it cannot do, or must not be used for; one sentence each.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];

    /// <summary>The schema's name and version.</summary>
    public required string Schema { get; init; }

    /// <summary>The schema's digest.</summary>
    public required ContentDigest SchemaDigest { get; init; }

    /// <summary>Where the data come from.</summary>
    public string DataOrigin { get; init; } = "";

    /// <summary>The digest of the data that it was trained on.</summary>
    public required ContentDigest DataDigest { get; init; }

    /// <summary>How many rows of each class it was trained on, in the schema's order.</summary>
    public required IReadOnlyList<CardClass> Classes { get; init; }

    /// <summary>The algorithm with its hyper-parameters.</summary>
    public required string Algorithm { get; init; }

    /// <summary>How scores became probabilities.</summary>
    public string Calibration { get; init; } = "";

    /// <summary>From which probability on the disease is called; 0.5 where there are more than two classes and the likeliest is called.</summary>
    public double Threshold { get; init; } = 0.5;

    /// <summary>What the threshold was chosen for: how many false alarms a missed case costs.</summary>
    public double MissedCaseCost { get; init; } = 1;

    /// <summary>How it was measured: folds, repetitions, what was chosen inside.</summary>
    public string Evaluation { get; init; } = "";

    /// <summary>How good it is on rows that it had not seen; by subgroup too, where the schema names some.</summary>
    public IReadOnlyList<CardMetric> Metrics { get; init; } = [];

    /// <summary>What it relies on, the most important first.</summary>
    public IReadOnlyList<FeatureImportance> Importance { get; init; } = [];

    /// <summary>The seed of every random choice.</summary>
    public ulong Seed { get; init; }

    /// <summary>The libraries that took part.</summary>
    public IReadOnlyList<CardPackage> Packages { get; init; } = [];

    /// <summary>The day of training, where someone states it; null otherwise.</summary>
    public DateOnly? TrainedOn { get; init; }

    /// <summary>Reads a card as <see cref="ToJson"/> writes it.</summary>
    /// <param name="json">UTF-8, at most 16 MiB.</param>
    /// <returns>The card.</returns>
    /// <exception cref="InvalidDataException">It is not such a card; the message says what is wrong.</exception>
    public static ModelCard FromJson(ReadOnlySpan<byte> json) => ModelCardJson.Read(json);

    /// <summary>Reads a card, or says that it is none.</summary>
    /// <param name="json">UTF-8, at most 16 MiB.</param>
    /// <param name="card">The card, or null.</param>
    /// <returns>False where <see cref="FromJson"/> would throw.</returns>
    public static bool TryFromJson(ReadOnlySpan<byte> json, [NotNullWhen(true)] out ModelCard? card)
    {
        try
        {
            card = ModelCardJson.Read(json);
            return true;
        }
        catch (InvalidDataException)
        {
            card = null;
            return false;
        }
    }

    /// <summary>The card as JSON: UTF-8, indented, always the same bytes for the same card.</summary>
    /// <returns>The JSON's bytes.</returns>
    public byte[] ToJson() => ModelCardJson.Write(this);

    /// <summary>The card as a page to read.</summary>
    /// <returns>Markdown (CommonMark with tables).</returns>
    public string ToMarkdown() => ModelCardMarkdown.Write(this);
}
