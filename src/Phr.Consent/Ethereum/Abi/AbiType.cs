using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Phr.Consent.Ethereum;

/// <summary>A type of the contract ABI, as its canonical name says it: <c>uint64</c>, <c>(address,bytes32[])[3]</c>.</summary>
/// <remarks>Source: Solidity documentation, "Contract ABI Specification". Immutable.</remarks>
internal sealed class AbiType : IEquatable<AbiType>
{
    private const int Word = 32;
    private const int MaxDepth = 16;
    private const int MaxLength = 1 << 16;

    private AbiType(AbiKind kind, int size, AbiType? element, ImmutableArray<AbiType> components, string name)
    {
        Kind = kind;
        Size = size;
        Element = element;
        Components = components;
        Name = name;
        IsDynamic = kind is AbiKind.Bytes or AbiKind.Text or AbiKind.Array
            || (kind == AbiKind.FixedArray && element!.IsDynamic)
            || (kind == AbiKind.Tuple && components.Any(c => c.IsDynamic));
        StaticLength = IsDynamic ? 0 : kind switch
        {
            AbiKind.Tuple => components.Sum(c => c.StaticLength),
            AbiKind.FixedArray => checked(size * element!.StaticLength),
            _ => Word,
        };
    }

    public AbiKind Kind { get; }

    /// <summary>Bits of a number, bytes of <c>bytesN</c>, items of <c>T[k]</c>; else 0.</summary>
    public int Size { get; }

    /// <summary>The type of the items of an array, else null.</summary>
    public AbiType? Element { get; }

    /// <summary>The types in a tuple, else empty.</summary>
    public ImmutableArray<AbiType> Components { get; }

    /// <summary>The canonical name.</summary>
    public string Name { get; }

    /// <summary>Whether the encoding has a head that points to a tail.</summary>
    public bool IsDynamic { get; }

    /// <summary>Bytes of the encoding in place; 0 for a dynamic type.</summary>
    public int StaticLength { get; }

    /// <summary>Bytes in the head of whatever holds a value of this type.</summary>
    public int HeadLength => IsDynamic ? Word : StaticLength;

    /// <summary>Whether a log's topic can hold the value itself, rather than its hash.</summary>
    public bool FitsATopic => !IsDynamic && Kind is not (AbiKind.Tuple or AbiKind.FixedArray);

    /// <summary>A tuple; with no components, the arguments of a function that takes none.</summary>
    public static AbiType Tuple(params ReadOnlySpan<AbiType> components)
    {
        ImmutableArray<AbiType> all = ImmutableArray.Create(components);
        return new AbiType(AbiKind.Tuple, 0, null, all, "(" + string.Join(',', all.Select(c => c.Name)) + ")");
    }

    /// <summary>Reads a canonical name: <c>uint</c> and <c>int</c> need their size.</summary>
    /// <exception cref="FormatException">The text is not the canonical name of a type.</exception>
    public static AbiType Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int at = 0;
        AbiType type = Parse(text, ref at, depth: 0);
        return at == text.Length ? type : throw Fault(text);
    }

    public bool Equals(AbiType? other) => other is not null && Name == other.Name;

    public override bool Equals(object? obj) => Equals(obj as AbiType);

    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Name;

    private static AbiType Parse(string text, ref int at, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Fault(text);
        }

        AbiType type = at < text.Length && text[at] == '(' ? ParseTuple(text, ref at, depth) : ParseElementary(text, ref at);
        while (at < text.Length && text[at] == '[')
        {
            int close = text.IndexOf(']', at);
            if (close < 0 || (type.Kind == AbiKind.Tuple && type.Components.IsEmpty) || ++depth > MaxDepth)
            {
                throw Fault(text);
            }

            string count = text[(at + 1)..close];
            type = count.Length == 0
                ? new AbiType(AbiKind.Array, 0, type, [], type.Name + "[]")
                : new AbiType(AbiKind.FixedArray, Number(text, count, MaxLength), type, [], $"{type.Name}[{count}]");
            at = close + 1;
        }

        return type;
    }

    private static AbiType ParseTuple(string text, ref int at, int depth)
    {
        at++;
        var components = new List<AbiType>();
        if (at < text.Length && text[at] == ')')
        {
            at++;
            return depth == 0 ? Tuple() : throw Fault(text);
        }

        while (true)
        {
            components.Add(Parse(text, ref at, depth + 1));
            char next = at < text.Length ? text[at++] : '\0';
            if (next == ')')
            {
                return Tuple([.. components]);
            }

            if (next != ',')
            {
                throw Fault(text);
            }
        }
    }

    private static AbiType ParseElementary(string text, ref int at)
    {
        int end = at;
        while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
        {
            end++;
        }

        string name = text[at..end];
        at = end;
        return name switch
        {
            "bool" => Leaf(AbiKind.Bool, 0, name),
            "address" => Leaf(AbiKind.Address, 0, name),
            "bytes" => Leaf(AbiKind.Bytes, 0, name),
            "string" => Leaf(AbiKind.Text, 0, name),
            _ when name.StartsWith("uint", StringComparison.Ordinal) => Leaf(AbiKind.UInt, Bits(text, name[4..]), name),
            _ when name.StartsWith("int", StringComparison.Ordinal) => Leaf(AbiKind.Int, Bits(text, name[3..]), name),
            _ when name.StartsWith("bytes", StringComparison.Ordinal) => Leaf(AbiKind.FixedBytes, Number(text, name[5..], Word), name),
            _ => throw Fault(text),
        };
    }

    private static AbiType Leaf(AbiKind kind, int size, string name) => new(kind, size, null, [], name);

    private static int Bits(string text, string digits) => Number(text, digits, 256) is var bits && bits % 8 == 0 ? bits : throw Fault(text);

    private static int Number(string text, string digits, int max) =>
        digits.Length is > 0 and < 7 && digits[0] is >= '1' and <= '9' && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= max
            ? number
            : throw Fault(text);

    private static FormatException Fault(string text) => new($"'{text}' is not the canonical name of an ABI type.");
}
