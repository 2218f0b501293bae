using System.Text.RegularExpressions;
using System.Xml.Linq;
using Phr.Ml.Learners;
using Phr.Ml.Reports;
using Phr.Ml.Tests.Models;

namespace Phr.Ml.Tests.Reports;

public class ReportTests
{
    private static readonly Lazy<ReportData> _masses = new(() => SampleReport.Of(TrainedModels.Masses, new SvmLearner()));

    public static TheoryData<ReportChart> AllCharts => new(Enum.GetValues<ReportChart>());

    [Theory]
    [MemberData(nameof(AllCharts))]
    public void Svg_EachChart_IsAPictureWithWordsAndNoScript(ReportChart chart)
    {
        XElement svg = XDocument.Parse(Charts.Svg(chart, _masses.Value)).Root!;

        Assert.Equal("svg", svg.Name.LocalName);
        Assert.DoesNotContain(svg.DescendantsAndSelf(), e => e.Name.LocalName is "script" or "foreignObject");
        Assert.DoesNotContain(svg.DescendantsAndSelf().Attributes(), a => a.Name.LocalName.StartsWith("on", StringComparison.Ordinal) || a.Value.Contains("http://", StringComparison.Ordinal) && a.Name.NamespaceName != XNamespace.Xmlns.NamespaceName && a.Name.LocalName != "xmlns");

        // Without a font every label would be missing, and nothing would say so.
        string words = string.Concat(svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
        Assert.True(words.Length > 10, $"The picture has no words: is a font installed (fonts-dejavu-core)? {words}");
        if (chart == ReportChart.Models)
        {
            Assert.Contains("<500>", words, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Svg_Again_IsTheSame() =>
        Assert.Equal(Charts.Svg(ReportChart.Roc, _masses.Value), Charts.Svg(ReportChart.Roc, _masses.Value));

    [Fact]
    public void CheckFonts_MachineWithoutFonts_SaysWhatToInstall() =>
        Assert.Contains("fonts-dejavu-core", Assert.Throws<InvalidOperationException>(() => Charts.CheckFonts(0)).Message, StringComparison.Ordinal);

    [Fact]
    public void Html_TwoClasses_TellsTheStoryFirstAndLoadsNothing()
    {
        string page = HtmlReport.Write(_masses.Value);

        Assert.Contains("Of 100 that are malignant", page, StringComparison.Ordinal);
        Assert.Contains("Before you use it", page, StringComparison.Ordinal);
        Assert.True(page.IndexOf("Before you use it", StringComparison.Ordinal) < page.IndexOf("ROC-AUC", StringComparison.Ordinal));
        AssertLoadsNothing(page);
        Assert.Equal(Enum.GetValues<ReportChart>().Length, Regex.Count(page, "<figure>"));
        Assert.DoesNotContain("<500>", page, StringComparison.Ordinal);
        Assert.Contains("&lt;500&gt;", page, StringComparison.Ordinal);
        Keep("report-masses.html", page);
    }

    [Fact]
    public void Html_SixClasses_Renders()
    {
        string page = HtmlReport.Write(SampleReport.Of(TestSets.Known(KnownSchemas.Dermatology), new ForestLearner { Trees = 40 }));

        Assert.Contains("Of 100 patients", page, StringComparison.Ordinal);
        AssertLoadsNothing(page);
        Keep("report-skin.html", page);
    }

    [Fact]
    public void Html_ManyAtOnce_AreTheSame()
    {
        string expected = Charts.Svg(ReportChart.Cohorts, _masses.Value);
        string[] pictures = new string[8];
        Parallel.For(0, pictures.Length, i => pictures[i] = Charts.Svg(ReportChart.Cohorts, _masses.Value));

        Assert.All(pictures, p => Assert.Equal(expected, p));
    }

    private static void AssertLoadsNothing(string page)
    {
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch("(src|href)=\"(?!data:)", page);
        Assert.DoesNotContain("url(", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
    }

    // PHR_TEST_KEEP names a folder for whoever wants to look at the pages.
    private static void Keep(string name, string page)
    {
        if (Environment.GetEnvironmentVariable("PHR_TEST_KEEP") is { } folder)
        {
            File.WriteAllText(Path.Combine(folder, name), page);
        }
    }
}
