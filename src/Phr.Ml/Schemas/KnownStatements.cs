namespace Phr.Ml.Schemas;

/// <summary>What the published sets are good for, from what their authors wrote about them.</summary>
internal static class KnownStatements
{
    public static DataStatement BreastMass { get; } = new()
    {
        IntendedUse = "To show, on published records, how well the nuclei in a needle sample tell a malignant breast mass from a benign one. Research and teaching; not for patients.",
        Population = "569 breast masses of patients of the University of Wisconsin Hospitals, Madison, each sampled with a fine needle; published in 1993. 212 were malignant.",
        Limits =
        [
            "The features are what one program of that hospital measured in images of nuclei that somebody had outlined by hand. Another program's numbers of the same names are other numbers.",
            "More than a third of these masses were malignant, far more than among people who are screened: the probabilities are those of people who already have a mass that was sampled.",
            "Neither age nor sex nor any other finding is in the records: nobody can say for whom the model is worse.",
        ],
    };

    public static DataStatement HeartDisease { get; } = new()
    {
        IntendedUse = "To show, on published records, how well findings without a catheter tell who has a coronary vessel narrowed by more than half. Research and teaching; not for patients.",
        Population = "303 patients, one after the other, who were sent to the Cleveland Clinic for coronary angiography from 1981 to 1984; 206 men and 97 women. 139 had a vessel narrowed by more than half.",
        Limits =
        [
            "They had all been sent for angiography: among people who were not, narrowed vessels are much rarer, and the probabilities too high.",
            "Two of three are men; the ranges for women are wide.",
            "The tests are those of forty years ago. Fluoroscopy and the thallium scan are themselves examinations that many patients will not have had.",
        ],
    };

    public static DataStatement Diabetes { get; } = new()
    {
        IntendedUse = "To show, on published records with many gaps, how well eight findings tell who will have diabetes within five years. Research and teaching; not for patients.",
        Population = "768 women of Pima heritage, 21 years old or older, near Phoenix, Arizona; published in 1988. 268 had diabetes within five years.",
        Limits =
        [
            "Women of one people, among whom diabetes was more frequent than almost anywhere else: of men, or of any other people, the model knows nothing.",
            "Insulin is missing in nearly half of the records and the skin fold in almost a third; in the file as it was first published the gaps were zeros.",
            "No licence for the records is stated: measure with them, and give neither them nor a model that holds some of them to others.",
        ],
    };

    public static DataStatement KidneyDisease { get; } = new()
    {
        IntendedUse = "To try how a model deals with numbers, words and gaps together. Not for patients, and no evidence that a model recognises kidney disease.",
        Population = "400 patients of a hospital in Tamil Nadu, India, over about two months; published in 2015. 250 had chronic kidney disease.",
        Limits =
        [
            "The two groups differ so much that nearly every model is right about nearly everybody; that says little about patients between them.",
            "Which values are missing tells the groups apart by itself: the healthy were examined otherwise than the ill. Where everybody is examined alike, a model will be worse than it was here.",
            "Three values can only be slips of typing (one of sodium, two of potassium).",
        ],
    };

    public static DataStatement Dermatology { get; } = new()
    {
        IntendedUse = "To show, on published records, how well findings of the skin and of a tissue sample tell six diseases that look alike. Research and teaching; not for patients.",
        Population = "366 patients with one of six erythemato-squamous diseases, of the Gazi University School of Medicine, Ankara; published in 1998. The rarest of the six has 20 patients.",
        Limits =
        [
            "It names one of the six for everybody, also for somebody who has none of them.",
            "22 of the 34 findings need a sample of the skin under a microscope, graded 0 to 3 by whoever looks.",
            "Of the rarest disease there are 20 patients: what is said of it is uncertain.",
        ],
    };

    public static DataStatement AlzheimerCsf { get; } = new()
    {
        IntendedUse = "To show, on published records, how well proteins of cerebrospinal fluid and a genotype tell people with a mild impairment of cognition from others. Research and teaching; not for patients.",
        Population = "333 people of a study of biomarkers of Alzheimer's disease (Craig-Schapiro and others, 2011), 91 of them with a mild impairment.",
        Limits =
        [
            "Proteins were measured together by one laboratory's multiplexed immunoassay; its scaled values cannot be compared with those of another laboratory.",
            "130 features of 333 people: which of them matter changes from sample to sample.",
            "People who take part in such a study are not those who come to a doctor, and a sample of the fluid needs a puncture.",
        ],
    };

    public static DataStatement Leukaemia { get; } = new()
    {
        IntendedUse = "To show, on published records, that the expression of genes tells two acute leukaemias apart, and how easily thousands of genes mislead. Research and teaching; not for patients.",
        Population = "38 samples of bone marrow of patients with acute leukaemia at its diagnosis, 27 lymphoblastic and 11 myeloid; published in 1999. 34 further samples of other patients, partly of blood and from other laboratories, serve as a test.",
        Limits =
        [
            "3,051 genes of 38 patients: choose genes inside the folds only, and take every number with a wide range.",
            "The values of a sample are scaled over the genes that a filter on these 38 samples left; another chip or another filter gives other numbers.",
            "It presupposes one of two acute leukaemias: of everything else it knows nothing.",
        ],
    };

    public static DataStatement ChestScan { get; } = new()
    {
        IntendedUse = "To show how pixels become features and a report. Not for patients: at 28 by 28 pixels nobody diagnoses anything.",
        Population = "800 chest X-rays, 400 with pneumonia, drawn from PneumoniaMNIST: children of one to five years of the Guangzhou Women and Children's Medical Center; published in 2018.",
        Limits =
        [
            "Children of one hospital; half of the images were drawn so that half show pneumonia, which is no share of any ward.",
            "A model may look at how an image was made rather than at the lungs: images of another machine are other images.",
            "A child may have several images, and the set does not say which belong together.",
        ],
    };
}
