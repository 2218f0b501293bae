namespace Phr.Ml;

/// <summary>What a file of records is read for.</summary>
public enum CsvPurpose
{
    /// <summary>Every column of the schema has to be there, the label with a class in every row.</summary>
    Training,

    /// <summary>The features have to be there. The label and the columns that are not learnt from may be absent.</summary>
    Prediction,
}
