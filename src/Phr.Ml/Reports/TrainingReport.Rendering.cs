using Phr.Ml.Models;
using Phr.Ml.Reports;

namespace Phr.Ml;

/// <content>The model that won, and the report as pages and pictures.</content>
public sealed partial class TrainingReport
{
    private DiagnosisModel? _winner;
    private ReportData? _pages;

    /// <summary>The model that won, trained on all rows, with its card: to be saved, loaded elsewhere, and asked.</summary>
    public DiagnosisModel Winner => _winner ??= ModelAssembler.Assemble(
        Parts.Schema, Parts.Preprocessor, Parts.Scorer, Parts.Calibrator, Parts.Data, Parts.HeldOut, CardWriter.Of(this), Seed, CancellationToken.None);

    /// <summary>The report as one page of HTML.</summary>
    /// <returns>The page. It has no script and loads nothing; its first screen is for readers who know nothing of machine learning.</returns>
    /// <exception cref="InvalidOperationException">No font is installed: every label would be missing.</exception>
    public string ToHtml() => HtmlReport.Write(Pages());

    /// <summary>One picture of the report.</summary>
    /// <param name="chart">Which.</param>
    /// <returns>SVG without script; the names of its parts do not collide with those of the other pictures.</returns>
    /// <exception cref="InvalidOperationException">No font is installed: every label would be missing.</exception>
    public string ToSvg(ReportChart chart) => Charts.Svg(chart, Pages());

    private ReportData Pages() => _pages ??= ReportDataWriter.Of(this);
}
