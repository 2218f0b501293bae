using System.Text;

namespace Phr.Records.Dicom;

/// <summary>Text in the character sets of PS3.5, section 6.1 and PS3.3, C.12.1.1.2: those of one part, and those that change within a value by escape sequences.</summary>
internal sealed class TextDecoder
{
    private const byte Escape = 0x1B;

    // Defined terms by number: the code page that has the letters in its upper half. Of ISO 2022 IR 87 and 159 there is no half; see Run.
    private static readonly Dictionary<string, int> CodePages = new(StringComparer.Ordinal)
    {
        ["6"] = 20127,
        ["100"] = 28591,
        ["101"] = 28592,
        ["109"] = 28593,
        ["110"] = 28594,
        ["144"] = 28595,
        ["127"] = 28596,
        ["126"] = 28597,
        ["138"] = 28598,
        ["148"] = 28599,
        ["203"] = 28605,
        ["13"] = 932,
        ["166"] = 874,
        ["149"] = 51949,
        ["58"] = 936,
        ["87"] = 20127,
        ["159"] = 20127,
        ["192"] = 65001,
    };

    private readonly Encoding _first;
    private readonly bool _hasEscapes;

    private TextDecoder(Encoding first, bool hasEscapes) => (_first, _hasEscapes) = (first, hasEscapes);

    /// <summary>ASCII: what a file without a word about it is in.</summary>
    public static TextDecoder Default { get; } = new(Page(20127), hasEscapes: false);

    /// <summary>The decoder for the values of Specific Character Set. A set that is not known decodes as ASCII, with U+FFFD for everything else.</summary>
    public static TextDecoder For(IReadOnlyList<string> terms)
    {
        string first = terms.Count > 0 ? terms[0] : "";
        int page = first switch
        {
            "" => 20127,
            "GB18030" => 54936,
            "GBK" => 936,
            _ => CodePages.GetValueOrDefault(first[(first.LastIndexOf(' ') + 1)..].Replace("ISO_IR", "", StringComparison.Ordinal).TrimStart('_'), 20127),
        };
        return new TextDecoder(Page(page), terms.Count > 1 || first.StartsWith("ISO 2022", StringComparison.Ordinal));
    }

    /// <param name="bytes">A value, or several with backslashes between.</param>
    /// <param name="isName">Whether the parts of a name begin again in the first set.</param>
    public string Decode(ReadOnlySpan<byte> bytes, bool isName)
    {
        if (!_hasEscapes || !bytes.Contains(Escape))
        {
            return _first.GetString(bytes);
        }

        var text = new StringBuilder(bytes.Length);
        var state = new State(_first);
        int begin = 0;
        for (int i = 0; i < bytes.Length;)
        {
            byte b = bytes[i];
            if (b == Escape)
            {
                text.Append(state.Run(bytes[begin..i]));
                int length = state.Switch(bytes[i..]);
                if (length == 0)
                {
                    text.Append('\uFFFD');
                    length = 1;
                }

                begin = i += length;
            }
            else if (b < 0x20 || (!state.IsDouble && (b == (byte)'\\' || (isName && b is (byte)'^' or (byte)'='))))
            {
                text.Append(state.Run(bytes[begin..i])).Append((char)b);
                state = new State(_first);
                begin = ++i;
            }
            else
            {
                i += state.IsDouble && i + 1 < bytes.Length ? 2 : 1;
            }
        }

        return text.Append(state.Run(bytes[begin..])).ToString();
    }

    private static Encoding Page(int codePage) => codePage switch
    {
        65001 => Encoding.UTF8,
        20127 => Encoding.GetEncoding("us-ascii", EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\uFFFD")),
        28591 => Encoding.Latin1,
        _ => CodePagesEncodingProvider.Instance.GetEncoding(codePage, EncoderFallback.ReplacementFallback, new DecoderReplacementFallback("\uFFFD"))!,
    };

    /// <summary>Which letters the lower and the upper half of a byte mean just now.</summary>
    private struct State(Encoding upper)
    {
        // The page of an upper half has ASCII in its lower one, so that it decodes both.
        private Encoding _upper = upper;
        private int _lower;

        /// <summary>Whether two bytes of the lower half make one character.</summary>
        public readonly bool IsDouble => _lower != 0;

        /// <summary>Takes an escape sequence.</summary>
        /// <returns>Its length; 0 when it is none that DICOM knows.</returns>
        public int Switch(ReadOnlySpan<byte> bytes)
        {
            ReadOnlySpan<byte> after = bytes[1..];
            switch (after)
            {
                case [(byte)'(', (byte)'B' or (byte)'J', ..]:
                    _lower = 0;
                    return 3;
                case [(byte)'$', (byte)'B', ..]:
                    _lower = 87;
                    return 3;
                case [(byte)'$', (byte)'(', (byte)'D', ..]:
                    _lower = 159;
                    return 4;
                case [(byte)'$', (byte)')', (byte)'C', ..]:
                    _upper = Page(51949);
                    return 4;
                case [(byte)'$', (byte)')', (byte)'A', ..]:
                    _upper = Page(936);
                    return 4;
                case [(byte)')', (byte)'I', ..]:
                    _upper = Page(932);
                    return 3;
                case [(byte)'-', byte final, ..]:
                    int index = "ABCDLGFHMTb".IndexOf((char)final, StringComparison.Ordinal);
                    if (index < 0)
                    {
                        return 0;
                    }

                    _upper = Page(CodePages[((string[])["100", "101", "109", "110", "144", "127", "126", "138", "148", "166", "203"])[index]]);
                    return 3;
                default:
                    return 0;
            }
        }

        public readonly string Run(ReadOnlySpan<byte> bytes)
        {
            if (_lower == 0 || bytes.IsEmpty)
            {
                return _upper.GetString(bytes);
            }

            // Code page 20932 has JIS X 0208 with both bytes in the upper half, and JIS X 0212 with the first alone.
            byte[] raised = bytes.ToArray();
            for (int i = 0; i < raised.Length; i++)
            {
                if (_lower == 87 || i % 2 == 0)
                {
                    raised[i] |= 0x80;
                }
            }

            return Page(20932).GetString(raised);
        }
    }
}
