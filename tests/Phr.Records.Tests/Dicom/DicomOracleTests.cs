using System.Security.Cryptography;
using System.Text.Json;
using Phr.Crypto;

namespace Phr.Records.Tests.Dicom;

/// <summary>The reader beside pydicom, on pydicom's own test files and on files that pydicom makes: every element, every value of every frame, every grey.</summary>
public sealed class DicomOracleTests
{
    // What pydicom reads and this reader refuses, each with the reason.
    private static readonly Dictionary<string, PhrDataReason> _stricter = new(StringComparer.Ordinal)
    {
        ["test_files/MR_truncated.dcm"] = PhrDataReason.Truncated,
        ["test_files/rtplan_truncated.dcm"] = PhrDataReason.Truncated,
        ["test_files/meta_missing_tsyntax.dcm"] = PhrDataReason.NotFound,

        // Elements of implicit form in a file that says explicit; an item that is longer than its sequence.
        ["test_files/SC_rgb_jpeg.dcm"] = PhrDataReason.Malformed,
        ["test_files/dicomdirtests/DICOMDIR-nooffset"] = PhrDataReason.Malformed,
    };

    // Pictures that pydicom gives as numbers and this library does not show, each with the reason.
    private static readonly Dictionary<string, PhrDataReason> _notShown = new(StringComparer.Ordinal)
    {
        ["test_files/SC_rgb_rle_32bit.dcm"] = PhrDataReason.UnknownVersion,
        ["test_files/SC_rgb_rle_32bit_2frame.dcm"] = PhrDataReason.UnknownVersion,
    };

    [Fact]
    public void FromBytes_FilesOfPydicom_HaveTheSameElements()
    {
        SkipWithoutOracle();
        var faults = new List<string>();
        int files = 0;
        int compared = 0;
        foreach (JsonElement line in DicomOracle.Lines)
        {
            string name = DicomOracle.NameOf(line);
            bool isRead = DicomFile.TryFromBytes(DicomOracle.BytesOf(line), null, out DicomFile? file);
            bool expected = !line.TryGetProperty("refused", out _) && !_stricter.ContainsKey(name);
            if (isRead != expected)
            {
                faults.Add($"{name}: {(isRead ? "read" : "refused")}, which pydicom does not");
            }
            else if (isRead)
            {
                files++;
                Assert.Equal(line.GetProperty("syntax").GetString(), file!.TransferSyntax.Uid);
                compared += Compare(name, file, line.GetProperty("elements"), faults);
            }
        }

        Assert.True(faults.Count == 0, $"{faults.Count} faults:\n" + string.Join('\n', faults.Take(60)));
        Assert.True(files > 150 && compared > 9000, $"only {files} files with {compared} elements were compared.");
    }

    [Fact]
    public void FromBytes_FilesThatPydicomForgives_AreRefusedByName()
    {
        SkipWithoutOracle();
        foreach (JsonElement line in DicomOracle.Lines.Where(l => _stricter.ContainsKey(DicomOracle.NameOf(l))))
        {
            Assert.Equal(_stricter[DicomOracle.NameOf(line)], Assert.Throws<PhrDataException>(() => DicomFile.FromBytes(DicomOracle.BytesOf(line))).Reason);
        }
    }

    [Fact]
    public void GetValues_FilesOfPydicom_AreTheSameInEveryFrame()
    {
        SkipWithoutOracle();
        var faults = new List<string>();
        int frames = 0;
        foreach ((string name, DicomImage image, JsonElement pixels) in Images(faults))
        {
            if (image.FrameCount != pixels.GetProperty("frames").GetInt32() || image.Width != pixels.GetProperty("width").GetInt32() || image.Height != pixels.GetProperty("height").GetInt32())
            {
                faults.Add($"{name}: another size");
            }

            if (!pixels.TryGetProperty("values", out JsonElement values))
            {
                continue;
            }

            for (int frame = 0; frame < image.FrameCount; frame++, frames++)
            {
                byte[] bytes = [.. image.GetValues(frame).SelectMany(BitConverter.GetBytes)];
                if (Convert.ToHexStringLower(SHA256.HashData(bytes)) != values[frame].GetString())
                {
                    faults.Add($"{name}: other values in frame {frame}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(frames > 60, $"only {frames} frames were compared.");
    }

    [Fact]
    public void Render_FilesOfPydicom_GivesTheSameGreysAndColours()
    {
        SkipWithoutOracle();
        var faults = new List<string>();
        int drawn = 0;
        foreach ((string name, DicomImage image, JsonElement pixels) in Images(faults))
        {
            if (pixels.TryGetProperty("drawn", out JsonElement pictures))
            {
                for (int frame = 0; frame < pictures.GetArrayLength(); frame++, drawn++)
                {
                    Same($"{name} frame {frame}", Convert.FromBase64String(pictures[frame].GetString()!), image.Render(frame), faults);
                }
            }

            if (pixels.TryGetProperty("windows", out JsonElement windows))
            {
                foreach (JsonElement window in windows.EnumerateArray())
                {
                    var asked = new DicomWindow
                    {
                        Center = window[0].GetDouble(),
                        Width = window[1].GetDouble(),
                        Function = window[2].GetString() switch { "SIGMOID" => DicomWindowFunction.Sigmoid, "LINEAR_EXACT" => DicomWindowFunction.LinearExact, _ => DicomWindowFunction.Linear },
                    };
                    Same($"{name} {window[2]} {window[0]} {window[1]}", Convert.FromBase64String(window[3].GetString()!), image.Render(0, asked), faults);
                    drawn++;
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(drawn > 300, $"only {drawn} pictures were compared.");
    }

    [Fact]
    public void GetImage_CompressedFilesOfPydicom_AreRefusedByNameWithARemedy()
    {
        SkipWithoutOracle();
        int refused = 0;
        foreach (JsonElement line in DicomOracle.Lines)
        {
            if (DicomFile.TryFromBytes(DicomOracle.BytesOf(line), null, out DicomFile? file) && file.HasPixels && !file.TransferSyntax.IsRenderable)
            {
                var refusal = Assert.Throws<PhrDataException>(file.GetImage);
                Assert.Equal(PhrDataReason.UnknownVersion, refusal.Reason);
                Assert.Contains("JPEG", refusal.Message, StringComparison.Ordinal);
                Assert.Matches("dcmdjpeg|dcmdjpls|gdcmconv", refusal.Message);
                refused++;
            }
        }

        Assert.True(refused > 15, $"only {refused} compressed files.");
    }

    private static void SkipWithoutOracle() => Assert.SkipWhen(DicomOracle.Missing is not null, DicomOracle.Missing ?? "");

    private static IEnumerable<(string Name, DicomImage Image, JsonElement Pixels)> Images(List<string> faults)
    {
        foreach (JsonElement line in DicomOracle.Lines)
        {
            string name = DicomOracle.NameOf(line);
            if (!line.TryGetProperty("pixels", out JsonElement pixels) || _stricter.ContainsKey(name))
            {
                continue;
            }

            DicomFile file = DicomFile.FromBytes(DicomOracle.BytesOf(line));
            if (_notShown.TryGetValue(name, out PhrDataReason reason))
            {
                Assert.Equal(reason, Assert.Throws<PhrDataException>(file.GetImage).Reason);
                continue;
            }

            DicomImage? image = null;
            try
            {
                image = file.GetImage();
            }
            catch (PhrDataException e)
            {
                faults.Add($"{name}: {e.Message}");
            }

            if (image is not null)
            {
                yield return (name, image, pixels);
            }
        }
    }

    // Both round from floating-point numbers in another order of operations: a grey may fall to the other side, but not further.
    private static void Same(string name, byte[] expected, Picture picture, List<string> faults)
    {
        ReadOnlySpan<byte> drawn = picture.Pixels.Span;
        int other = 0;
        int most = expected.Length == drawn.Length ? 0 : 255;
        for (int i = 0; i < expected.Length && most < 255; i++)
        {
            int difference = Math.Abs(expected[i] - drawn[i]);
            other += difference > 0 ? 1 : 0;
            most = Math.Max(most, difference);
        }

        if (most > 1 || other > expected.Length / 50)
        {
            faults.Add($"{name}: {other} of {expected.Length} samples differ, by up to {most}");
        }
    }

    private static int Compare(string name, DicomFile file, JsonElement expected, List<string> faults)
    {
        var found = new SortedDictionary<string, DicomElement>(StringComparer.Ordinal);
        Flatten(file.Dataset, "", found);
        int compared = 0;
        foreach (JsonElement one in expected.EnumerateArray())
        {
            string path = one[0].GetString()!;
            string vr = one[1].GetString()!;
            if (!found.Remove(path, out DicomElement? element))
            {
                faults.Add($"{name}: {path} is missing");
                continue;
            }

            // Private elements of implicit files: pydicom knows some manufacturers' representations, this library does not.
            bool isUnknown = element.Vr == DicomVr.UN && vr != "UN";
            if (vr == "??" || isUnknown || (vr.Contains("or", StringComparison.Ordinal) && one[2].ValueKind == JsonValueKind.Null))
            {
                if (isUnknown && !element.Tag.IsPrivate && vr != "??")
                {
                    faults.Add($"{name}: {path} is {vr}, read as UN");
                }

                continue;
            }

            compared++;
            string ours = element.Vr == DicomVr.SQ ? element.Items.Count.ToString(System.Globalization.CultureInfo.InvariantCulture) : Text(element, one[2].ValueKind, file);
            string theirs = one[2].ValueKind switch
            {
                JsonValueKind.Number => one[2].GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture),
                JsonValueKind.Array => string.Join('|', one[2].EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Number ? v.GetDouble().ToString("R", System.Globalization.CultureInfo.InvariantCulture) : v.GetString()!.Trim(' ', '\0'))),
                JsonValueKind.String => one[2].GetString()!,
                _ => ours,
            };
            if (element.Vr.ToString() != vr && !vr.Contains("or", StringComparison.Ordinal))
            {
                faults.Add($"{name}: {path} is {vr}, read as {element.Vr}");
            }
            else if (ours != theirs)
            {
                faults.Add($"{name}: {path} {vr}: '{ours}', pydicom '{theirs}'");
            }
        }

        faults.AddRange(found.Keys.Select(p => $"{name}: {p} is not in pydicom's"));
        return compared;
    }

    private static string Text(DicomElement element, JsonValueKind kind, DicomFile file) => kind switch
    {
        JsonValueKind.Array when element.Vr is DicomVr.DS or DicomVr.IS or DicomVr.US or DicomVr.SS or DicomVr.UL or DicomVr.SL or DicomVr.FL or DicomVr.FD or DicomVr.UV or DicomVr.SV =>
            string.Join('|', element.GetNumbers().Select(n => n.ToString("R", System.Globalization.CultureInfo.InvariantCulture))),
        JsonValueKind.Array => string.Join('|', element.GetStrings().Select(v => element.Vr == DicomVr.PN ? v.TrimEnd(' ', '\0', '=') : v.Trim(' ', '\0'))),

        // pydicom leaves words of big-endian files as they are.
        JsonValueKind.String when file.TransferSyntax.Uid == "1.2.840.10008.1.2.2" && element.Vr is not (DicomVr.OB or DicomVr.UN) => "words",
        JsonValueKind.String => Convert.ToHexStringLower(SHA256.HashData(element.Value.Span)),
        _ => "",
    };

    private static void Flatten(DicomDataset dataset, string path, SortedDictionary<string, DicomElement> found)
    {
        foreach (DicomElement element in dataset.Elements.Where(e => e.Tag != DicomTag.PixelData))
        {
            string name = $"{path}{element.Tag.Value:X8}";
            found.Add(name, element);
            for (int i = 0; i < element.Items.Count; i++)
            {
                Flatten(element.Items[i], $"{name}/{i}/", found);
            }
        }
    }
}
