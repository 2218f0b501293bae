using System.Text;
using System.Text.Json.Nodes;

namespace Phr.Ml.Tests.Models;

public class ModelCardTests
{
    private static ModelCard Card => TrainedModels.Card(TrainedModels.Masses, "SVM (RBF)") with { TrainedOn = new DateOnly(2026, 11, 23), Population = "Wisconsin, 1990s" };

    [Fact]
    public void FromJson_WhatToJsonWrote_IsTheSame()
    {
        byte[] json = Card.ToJson();
        ModelCard read = ModelCard.FromJson(json);

        Assert.Equal(json, read.ToJson());
        Assert.Equal(ulong.MaxValue, read.Seed);
        Assert.Equal(new DateOnly(2026, 11, 23), read.TrainedOn);
        Assert.True(double.IsNaN(read.Metrics[0].Value.Upper));
        Assert.Equal(Card.Classes, read.Classes);
        Assert.Equal(Card.DataDigest, read.DataDigest);
    }

    [Fact]
    public void FromJson_MemberMissingWrongOrUnknown_IsRefused()
    {
        JsonObject whole = JsonNode.Parse(Card.ToJson())!.AsObject();
        foreach (string name in whole.Select(m => m.Key).ToArray())
        {
            JsonObject without = whole.DeepClone().AsObject();
            without.Remove(name);
            Assert.Equal(name == "trainedOn", ModelCard.TryFromJson(Encoding.UTF8.GetBytes(without.ToJsonString()), out _));

            JsonObject wrong = whole.DeepClone().AsObject();
            wrong[name] = new JsonObject();
            Assert.Throws<InvalidDataException>(() => ModelCard.FromJson(Encoding.UTF8.GetBytes(wrong.ToJsonString())));
        }

        JsonObject more = whole.DeepClone().AsObject();
        more["more"] = 1;
        Assert.False(ModelCard.TryFromJson(Encoding.UTF8.GetBytes(more.ToJsonString()), out _));
        JsonObject day = whole.DeepClone().AsObject();
        day["trainedOn"] = "2026-02-30";
        Assert.False(ModelCard.TryFromJson(Encoding.UTF8.GetBytes(day.ToJsonString()), out _));
        JsonObject newer = whole.DeepClone().AsObject();
        newer["format"] = "phr/model-card/v2";
        Assert.False(ModelCard.TryFromJson(Encoding.UTF8.GetBytes(newer.ToJsonString()), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"format\":1}")]
    [InlineData("{\"format\":\"phr/model-card/v1\",\"format\":\"phr/model-card/v1\"}")]
    [InlineData("[[[[[[[[[[[[]]]]]]]]]]]]")]
    public void FromJson_NoCard_IsRefused(string json) =>
        Assert.Throws<InvalidDataException>(() => ModelCard.FromJson(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void ToMarkdown_Card_SaysWhatMustBeKnown()
    {
        string page = Card.ToMarkdown();

        foreach (string part in new[] { "# Breast mass", "For tests.", "Wisconsin, 1990s", "Not for patients.", "ROC-AUC", "0.990", Card.DataDigest.ToString(), "212 malignant", "18446744073709551615", "Phr.Ml 0.1.0", "2026-11-23" })
        {
            Assert.Contains(part, page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ToMarkdown_HostileTexts_StayTexts()
    {
        string page = (Card with { Title = "a\n# b <script>alert(1)</script> [x](y) | `c`" }).ToMarkdown();

        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\n# b", page, StringComparison.Ordinal);
        Assert.DoesNotContain("[x](y)", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\n| | `c`", page, StringComparison.Ordinal);
    }
}
