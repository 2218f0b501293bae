namespace Phr.Records;

/// <summary>What the bytes of a <see cref="Picture"/> are.</summary>
public enum PictureFormat
{
    /// <summary>One byte a pixel: 0 is black, 255 white.</summary>
    Grey8 = 0,
    /// <summary>Three bytes a pixel: red, green, blue.</summary>
    Rgb24,
}
