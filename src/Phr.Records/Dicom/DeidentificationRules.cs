using Phr.Crypto;

namespace Phr.Records.Dicom;

/// <summary>What may stay in a file that is given away. Where PS3.15, table E.1-1 and this differ, this removes more.</summary>
internal static class DeidentificationRules
{
    // Type 2 elements: files must have them, empty or not.
    private static readonly HashSet<string> Emptied = new(StringComparer.Ordinal)
    {
        "AccessionNumber", "StudyDate", "StudyTime", "SeriesDate", "SeriesTime", "AcquisitionDate", "AcquisitionTime", "ContentDate", "ContentTime", "ReferringPhysicianName", "StudyID", "PatientBirthDate", "PatientSex", "ContrastBolusAgent",
    };

    // Texts that say something of the machine, the picture or a code, and nothing of a person.
    private static readonly HashSet<string> HarmlessTexts = new(StringComparer.Ordinal)
    {
        "CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning", "Manufacturer", "ManufacturerModelName", "SoftwareVersions", "ConvolutionKernel", "RescaleType", "WindowCenterWidthExplanation", "LUTExplanation",
        "SequenceName", "ReceiveCoilName", "TransmitCoilName", "ImagedNucleus", "FilterType", "PositionReferenceIndicator",
    };

    // Sequences about people, requests, and what a file was before. What is in the others is cleaned like the file.
    private static readonly string[] Personal =
    [
        "Patient", "Physician", "Operator", "Person", "Institution", "Request", "Observer", "Performer", "Participant", "Custodial", "Consult", "Insurance", "Visit", "Admi", "Signature", "MACParameters", "Encrypted", "OriginalAttributes",
        "IconImage", "AcquisitionContext", "GraphicAnnotation", "Issuer", "Reason", "Interpret", "Author", "Verif", "Scheduled", "PerformedProcedureStep", "ReferencedStudy", "Hanging", "NonDICOM", "Waveform", "Text",
    ];

    public static DeidentificationRule For(DicomElement element)
    {
        DicomTag tag = element.Tag;
        string? keyword = tag.Keyword;
        if (tag.IsPrivate || keyword is null || IsPersonalGroup(tag))
        {
            return tag == DicomTag.PatientName || tag == DicomTag.PatientId ? DeidentificationRule.Pseudonym
                : keyword is not null && Emptied.Contains(keyword) ? DeidentificationRule.Empty : DeidentificationRule.Remove;
        }

        if (Emptied.Contains(keyword))
        {
            return DeidentificationRule.Empty;
        }

        switch (element.Vr)
        {
            case DicomVr.SQ:
                return keyword == "ContentSequence" || Personal.Any(p => keyword.Contains(p, StringComparison.Ordinal)) ? DeidentificationRule.Remove : DeidentificationRule.Enter;
            case DicomVr.UI:
                return keyword.EndsWith("ClassUID", StringComparison.Ordinal) && IsStandard(element) ? DeidentificationRule.Keep : DeidentificationRule.Rename;
            case DicomVr.CS:
                return keyword.Contains("Patient", StringComparison.Ordinal) && keyword is not ("PatientPosition" or "PatientOrientation") ? DeidentificationRule.Remove
                    : element.GetStrings().All(IsCode) ? DeidentificationRule.Keep : DeidentificationRule.Remove;
            case DicomVr.DS or DicomVr.IS:
                return IsNumeric(element) ? DeidentificationRule.Keep : DeidentificationRule.Remove;
            case DicomVr.OB:
                return tag == DicomTag.PixelData || keyword == "ICCProfile" ? DeidentificationRule.Keep : DeidentificationRule.Remove;
            case DicomVr.OW:
                return tag == DicomTag.PixelData || tag.Group == 0x0028 ? DeidentificationRule.Keep : DeidentificationRule.Remove;
            case DicomVr.UN:
                return DeidentificationRule.Remove;
            default:
                return !Vr.IsText(element.Vr) || HarmlessTexts.Contains(keyword) ? DeidentificationRule.Keep : DeidentificationRule.Remove;
        }
    }

    // The patient, study requests, visits, results, signatures; curves and overlays; what fills the end.
    private static bool IsPersonalGroup(DicomTag tag) =>
        tag.Group is 0x0010 or 0x0012 or 0x0032 or 0x0038 or 0x0400 or 0x4000 or 0x4008 or 0xFFFA or 0xFFFC or (>= 0x5000 and <= 0x50FF) or (>= 0x6000 and <= 0x60FF);

    private static bool IsStandard(DicomElement element) => element.GetStrings().All(u => u.StartsWith("1.2.840.10008.", StringComparison.Ordinal));

    // Capitals, digits, blanks and underscores, at most 16: what a code string may be.
    private static bool IsCode(string text) => text.Length <= 16 && text.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c is ' ' or '_');

    private static bool IsNumeric(DicomElement element)
    {
        try
        {
            element.GetNumbers();
            return true;
        }
        catch (PhrDataException)
        {
            return false;
        }
    }
}
