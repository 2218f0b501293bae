namespace Phr.Ml;

/// <summary>What goes wrong with models and their cards, in words. No message holds a patient's value.</summary>
internal static class Error
{
    public static InvalidDataException Foreign() => new("This is not a Phr model: it does not begin as one.");

    public static InvalidDataException Newer(int version) =>
        new($"The model was written in version {version} of the format; this library reads version {Models.ModelFile.Version}. Use a newer one.");

    public static InvalidDataException Truncated() => new("The model is cut short, or bytes were added to it.");

    public static InvalidDataException TooLarge(long length) => new($"The model has {length} bytes; at most {Models.ModelFile.MostBytes} are read.");

    public static InvalidDataException Damaged() => new("The model is damaged: its digest does not fit it.");

    public static InvalidDataException Malformed(Exception? inner = null) => new("The model is malformed: its parts are not encoded as its format says.", inner);

    public static InvalidDataException Mismatch(string what) => new($"The model contradicts itself: {what}.");

    public static InvalidDataException UnknownPart(string part) => new($"The model has a {part} of a kind that this library does not know.");

    public static InvalidDataException Unsigned() => new("The model is not signed, and a signature is asked for.");

    public static InvalidDataException Untrusted() => new("The model's signature is wrong, or its signer is not trusted.");

    public static InvalidDataException Card(string what) => new($"The model card cannot be read: {what}.");

    public static InvalidOperationException NoFonts() =>
        new("No font is installed, and without one every label of a picture would be missing. On Debian: apt-get install fonts-dejavu-core.");
}
