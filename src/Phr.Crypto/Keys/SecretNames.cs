namespace Phr.Crypto.Keys;

/// <summary>The names that a secret store allows.</summary>
internal static class SecretNames
{
    private static readonly System.Buffers.SearchValues<char> Allowed = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_./");

    public static bool IsName(string name) =>
        name.Length is > 0 and <= ISecretStore.MaxNameLength
        && !name.AsSpan().ContainsAnyExcept(Allowed)
        && name[0] is not ('/' or '.') && name[^1] is not ('/' or '.');

    public static void Require(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsName(name))
        {
            throw new ArgumentException($"A secret's name has 1 to {ISecretStore.MaxNameLength} characters of a-z, 0-9, '-', '_', '.' and '/', and neither begins nor ends with '/' or '.'.", nameof(name));
        }
    }

    public static void Require(string name, ReadOnlyMemory<byte> secret)
    {
        Require(name);
        if (secret.Length > ISecretStore.MaxSecretLength)
        {
            throw new ArgumentException($"A secret has at most {ISecretStore.MaxSecretLength} bytes.", nameof(secret));
        }
    }
}
