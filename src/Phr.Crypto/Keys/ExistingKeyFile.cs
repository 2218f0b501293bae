namespace Phr.Crypto;

/// <summary>What to do when there is a file already where a key file is to be written.</summary>
public enum ExistingKeyFile
{
    /// <summary>Leave it and throw an <see cref="IOException"/>.</summary>
    Refuse = 0,

    /// <summary>Replace it. Whatever only the old file held is lost.</summary>
    Replace,
}
