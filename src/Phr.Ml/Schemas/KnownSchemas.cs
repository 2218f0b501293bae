using System.Globalization;
using System.Reflection;
using Phr.Ml.Schemas;

namespace Phr.Ml;

/// <summary>Schemas of published sets of patients' records, ready to train with.</summary>
/// <remarks>The library holds no records. <c>samples/Diagnosis/data</c> has those of two sets, whose licences allow it.</remarks>
public static class KnownSchemas
{
    private const string CreativeCommons = "CC BY 4.0";

    /// <summary>Breast mass, benign or malignant, from 30 measures of the nuclei in a needle sample (WDBC).</summary>
    public static KnownSet BreastMass { get; } = Described("breast-mass", "Breast mass, benign or malignant", "wdbc.csv", CreativeCommons,
        "Wolberg W., Mangasarian O., Street N., Street W. (1993). Breast Cancer Wisconsin (Diagnostic). UCI Machine Learning Repository. https://doi.org/10.24432/C5DW2B", KnownStatements.BreastMass);

    /// <summary>Narrowed coronary vessels, from 13 findings (Cleveland). Its <c>severity</c> is the answer itself and never a feature.</summary>
    public static KnownSet HeartDisease { get; } = Described("heart-disease", "Narrowed coronary vessels", "heart_cleveland.csv", CreativeCommons,
        "Janosi A., Steinbrunn W., Pfisterer M., Detrano R. (1988). Heart Disease. UCI Machine Learning Repository. https://doi.org/10.24432/C52P4X", KnownStatements.HeartDisease);

    /// <summary>Diabetes within five years, from 8 findings (Pima), many of them missing.</summary>
    public static KnownSet Diabetes { get; } = Described("diabetes", "Diabetes within five years", "pima.csv", "none stated",
        "Smith J. et al. (1988), National Institute of Diabetes and Digestive and Kidney Diseases: Pima Indians Diabetes, as corrected in R package mlbench", KnownStatements.Diabetes);

    /// <summary>Chronic kidney disease, from 24 findings, numbers and words, many of them missing.</summary>
    public static KnownSet KidneyDisease { get; } = Described("kidney-disease", "Chronic kidney disease", "ckd.csv", CreativeCommons,
        "Rubini L., Soundarapandian P., Eswaran P. (2015). Chronic Kidney Disease. UCI Machine Learning Repository. https://doi.org/10.24432/C5G020", KnownStatements.KidneyDisease);

    /// <summary>Which of six diseases of the skin, from 34 findings.</summary>
    public static KnownSet Dermatology { get; } = Described("dermatology", "Which of six diseases of the skin", "dermatology.csv", CreativeCommons,
        "Ilter N., Guvenir H. (1998). Dermatology. UCI Machine Learning Repository. https://doi.org/10.24432/C5FK5P", KnownStatements.Dermatology);

    /// <summary>Cognitive impairment, from 129 proteins of cerebrospinal fluid and a genotype.</summary>
    public static KnownSet AlzheimerCsf { get; } = Described("alzheimer-csf", "Cognitive impairment, from cerebrospinal fluid", "alzheimer_csf.csv", "MIT",
        "Craig-Schapiro R. et al. (2011), PLoS ONE 6(4) e18850, as in R package modeldata", KnownStatements.AlzheimerCsf);

    /// <summary>Acute myeloid or lymphoblastic leukaemia, from the expression of thousands of genes (Golub). Its schema is made from the file's header.</summary>
    public static KnownSet Leukaemia { get; } = new("leukaemia", "Acute leukaemia, myeloid or lymphoblastic", "golub_leukemia.csv.gz", "LGPL (R package multtest)",
        "Golub T. R. et al. (1999), Science 286:531-537, as in R package multtest", KnownStatements.Leukaemia, null, Genes);

    /// <summary>Pneumonia, from the 784 pixels of a chest scan (PneumoniaMNIST). The column <c>split</c> tells its training part from its test part.</summary>
    public static KnownSet ChestScan { get; } = new("chest-scan", "Pneumonia, from a chest scan of 28 by 28 pixels", "pneumoniamnist_800.csv.gz", CreativeCommons,
        "Yang J. et al. (2023), MedMNIST v2, Scientific Data 10:41; Kermany D. et al. (2018), Cell 172(5)", KnownStatements.ChestScan, Pixels());

    /// <summary>All of them.</summary>
    public static IReadOnlyList<KnownSet> All { get; } = Array.AsReadOnly([BreastMass, HeartDisease, Diabetes, KidneyDisease, Dermatology, AlzheimerCsf, Leukaemia, ChestScan]);

    internal static byte[] Description(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Phr.Ml.Schemas.Known.{name}.json")
            ?? throw new InvalidOperationException($"The description of {name} is not in the library.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static KnownSet Described(string name, string title, string file, string licence, string citation, DataStatement statement) =>
        new(name, title, file, licence, citation, statement, FeatureSchema.FromJson(Description(name)));

    private static FeatureSchema Genes(IReadOnlyList<string> header)
    {
        if (header.Count < 2 || header[^1] != "label" || header.Count > FeatureSchema.MaximumColumns || header.SkipLast(1).Any(n => !n.StartsWith('g')))
        {
            throw SchemaError.SchemaFile("a file of gene expressions has columns g… and at its end the column label.");
        }

        try
        {
            return FeatureSchema.Create("leukaemia", 1,
            [
                .. header.SkipLast(1).Select(n => new FeatureDefinition { Name = n, Unit = "{standardised}", Minimum = -100, Maximum = 100 }),
                Label("Which acute leukaemia.", "lymphoblastic (ALL)", "myeloid (AML)"),
            ]);
        }
        catch (ArgumentException e)
        {
            throw SchemaError.SchemaFile(e.Message, e);
        }
    }

    private static FeatureSchema Pixels() => FeatureSchema.Create("chest scan", 1,
    [
        new FeatureDefinition { Name = "split", Kind = FeatureKind.Category, Role = FeatureRole.Ignored, Levels = ["train", "test"], Description = "The part of the set." },
        Label("What the scan shows.", "normal", "pneumonia"),
        .. Enumerable.Range(0, 784).Select(i => new FeatureDefinition
        {
            Name = "p" + i.ToString("000", CultureInfo.InvariantCulture), Kind = FeatureKind.WholeNumber, Unit = "{grey}", Minimum = 0, Maximum = 255,
        }),
    ]);

    private static FeatureDefinition Label(string description, params string[] names) => new()
    {
        Name = "label", Kind = FeatureKind.Category, Role = FeatureRole.Label, Levels = ["0", "1"], LevelNames = names, Description = description,
    };
}
