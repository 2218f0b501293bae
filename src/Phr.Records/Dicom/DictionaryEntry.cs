namespace Phr.Records.Dicom;

/// <summary>What PS3.6 says of an element.</summary>
/// <param name="Vr">The representation; null for "US or SS, as Pixel Representation says".</param>
/// <param name="Keyword">The name as one word.</param>
internal sealed record DictionaryEntry(DicomVr? Vr, string Keyword);
