using System.Text.RegularExpressions;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;

namespace Phr.Records.Tests.Charts;

public sealed class LineChartTests
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 8, 30, 0, TimeSpan.FromHours(1));
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void ToSvg_Values_HasTitleDescriptionBandAndMarks()
    {
        LineChart chart = Chart([(0, 4.1), (30, 5.9), (60, 4.4)]);
        XElement svg = XElement.Parse(chart.ToSvg());

        Assert.Equal("img", svg.Attribute("role")!.Value);
        Assert.Equal("k-title k-desc", svg.Attribute("aria-labelledby")!.Value);
        Assert.Equal("Potassium", svg.Element(Svg + "title")!.Value);
        Assert.Equal("3 values from 2026-03-01 07:30 to 2026-04-30 07:30, the last one 4.4 mmol/L. 1 outside of the reference range (3.5 to 5.1).", svg.Element(Svg + "desc")!.Value);
        Assert.Single(svg.Descendants(Svg + "rect"));
        Assert.Equal(2, svg.Descendants(Svg + "circle").Count());
        Assert.Single(svg.Descendants(Svg + "path"), p => p.Attribute("class")?.Value == "phr-chart-outside");
        Assert.Equal(chart.ToSvg(), Chart([(60, 4.4), (0, 4.1), (30, 5.9)]).ToSvg());
    }

    [Fact]
    public void ToHtmlTable_Values_HasTheSameOnesWithHeadings()
    {
        XElement table = XElement.Parse(Chart([(0, 4.1), (30, 5.9)]).ToHtmlTable());

        Assert.Equal("Potassium", table.Element("caption")!.Value);
        Assert.Equal(["Time", "Value (mmol/L)", "Reference range"], table.Descendants("th").Where(t => t.Attribute("scope")!.Value == "col").Select(t => t.Value));
        Assert.Equal(["4.1", "within 3.5 to 5.1", "5.9", "above 3.5 to 5.1"], table.Descendants("td").Select(t => t.Value));
    }

    [Fact]
    public void ToSvg_NoValues_SaysSo() =>
        Assert.Contains("No values yet", new LineChart(new LineChartOptions { Id = "a", Title = "Empty" }, []).ToSvg(), StringComparison.Ordinal);

    // Names come from files that strangers made; times and values are whatever a laboratory wrote.
    [Fact]
    public void ToSvg_AnyTextTimeAndValue_IsWellFormedWithoutScriptOrStyle()
    {
        Gen<(string Text, int[] Minutes, double[] Values)> inputs = from text in Gen.OneOf(ArbMap.Default.GeneratorFor<string>(), Gen.Elements("<script>alert(1)</script>", "\" onload=\"x", "]]>", "\u0000\uFFFF\uD800", "😀 & Co"))
                                                                    from minutes in Gen.Choose(int.MinValue, int.MaxValue).ArrayOf(5)
                                                                    from values in ArbMap.Default.GeneratorFor<NormalFloat>().Select(f => Math.Clamp(f.Get, -1e15, 1e15)).ArrayOf(5)
                                                                    select (text ?? "", minutes, values);
        Prop.ForAll(inputs.ToArbitrary(), input =>
        {
            var series = new ChartSeries(input.Text, input.Minutes.Zip(input.Values, (m, v) => new ChartPoint(Begin.AddMinutes(m / 3), v)));
            var chart = new LineChart(new LineChartOptions { Id = "x", Title = input.Text, Unit = input.Text, Range = new ReferenceRange { Low = -1, High = 7 } }, [series, series]);
            XElement svg = XElement.Parse(chart.ToSvg());
            XElement.Parse(chart.ToHtmlTable());
            string[] names = [.. svg.DescendantsAndSelf().Select(e => e.Name.LocalName).Distinct()];
            Assert.All(names, n => Assert.Contains(n, (string[])["svg", "title", "desc", "g", "path", "rect", "circle", "text"]));
            Assert.DoesNotContain(svg.DescendantsAndSelf().Attributes(), a => a.Name.LocalName == "style" || a.Name.LocalName.StartsWith("on", StringComparison.Ordinal));
            Assert.DoesNotContain("NaN", Regex.Replace(chart.ToSvg(), "<(title|desc|text)[^>]*>[^<]*", ""), StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(10, "08:00|08:05|08:10")]
    [InlineData(60 * 24 * 20, "2026-01-05|2026-01-12|2026-01-19")]
    [InlineData(60 * 24 * 400, "2026-01|2026-07|2027-01")]
    [InlineData(60 * 24 * 365 * 6, "2026|2028|2030")]
    public void ToSvg_AnySpan_LabelsWholeTimes(int minutes, string labels)
    {
        var from = new DateTimeOffset(2025, 12, 31, 23, 58, 0, TimeSpan.Zero);
        from = minutes == 10 ? new DateTimeOffset(2026, 1, 1, 8, 0, 0, TimeSpan.Zero) : from;
        XElement svg = XElement.Parse(new LineChart(new LineChartOptions { Id = "t", Title = "", Width = 400 }, [new ChartSeries("", [new(from, 1), new(from.AddMinutes(minutes), 2)])]).ToSvg());
        string[] found = [.. svg.Descendants(Svg + "text").Where(t => t.Attribute("text-anchor")?.Value == "middle").Select(t => t.Value)];

        Assert.All(labels.Split('|'), label => Assert.Contains(label, found));
    }

    [Fact]
    public void Constructor_WhatCannotBeDrawn_IsTheCallersMistake()
    {
        Assert.Throws<ArgumentException>(() => new ChartSeries("", [new(Begin, double.NaN)]));
        Assert.Throws<ArgumentException>(() => new ChartSeries("", [new(Begin, 1e16)]));
        Assert.Throws<ArgumentException>(() => new LineChart(new LineChartOptions { Id = "a b", Title = "" }, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LineChart(new LineChartOptions { Id = "a", Title = "", Width = 10 }, []));
        Assert.Throws<ArgumentException>(() => new LineChart(new LineChartOptions { Id = "a", Title = "" }, Enumerable.Repeat(new ChartSeries("", []), 9)));
    }

    private static LineChart Chart((int Day, double Value)[] values) => new(
        new LineChartOptions { Id = "k", Title = "Potassium", Unit = "mmol/L", Range = new ReferenceRange { Low = 3.5m, High = 5.1m } },
        [new ChartSeries("Potassium", values.Select(v => new ChartPoint(Begin.AddDays(v.Day), v.Value)))]);
}
