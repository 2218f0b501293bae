namespace Phr.Crypto.Keys;

/// <summary>The names that a secret store allows.</summary>
internal static class SecretNames
{
    private static readonly System.Buffers.SearchValues<char> Allowed = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_./");

    public static bool IsName(string name) =>
        name.Length is > 0 and <= ISecretStore.MaxNameLength
        && !name.AsSpan().ContainsAnyExcept(Allowed)
        && name[0] is not ('/' or '.') && name[^1] is not ('/' or '.')
        && !HasEmptyPart(name);

    public static void Require(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsName(name))
        {
            throw new ArgumentException($"A secret's name has 1 to {ISecretStore.MaxNameLength} characters of a-z, 0-9, '-', '_', '.' and '/', neither begins nor ends with '/' or '.', and has no part that is empty or only dots.", nameof(name));
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

    // A part of only dots would be a path to elsewhere.
    private static bool HasEmptyPart(string name)
    {
        foreach (Range part in name.AsSpan().Split('/'))
        {
            if (!name.AsSpan(part).ContainsAnyExcept('.'))
            {
                return true;
            }
        }

        return false;
    }
}
