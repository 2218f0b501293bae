using System.Globalization;
using Phr.Crypto;

namespace Phr.Consent.Fields;

/// <summary>
/// One pass over the fields of an object, in the order in which it names them. A type states its fields once, in
/// <see cref="IMapped{T}.Map"/>; the pass decides what that means: <see cref="FieldWriter"/> writes each value,
/// <see cref="FieldReader"/> ignores the value and returns the one it read, <see cref="TypedDataHasher"/> hashes it as EIP-712 says.
/// </summary>
/// <remarks>A number, text or list that breaks its bound is the caller's mistake when written and a <see cref="PhrDataException"/> when read, so whatever was written can be read.</remarks>
internal abstract class FieldMap
{
    private const long LastSecond = 253402300799;

    public abstract ulong UInt64(string name, ulong value);

    public abstract int Int32(string name, int value, int max);

    public abstract bool Boolean(string name, bool value);

    /// <summary>A code: 1 to <paramref name="maxLength"/> printable ASCII characters without a space.</summary>
    public abstract string Code(string name, string value, int maxLength);

    public abstract DateTimeOffset Time(string name, DateTimeOffset value);

    public abstract TimeSpan Duration(string name, TimeSpan value);

    public abstract ActorId Actor(string name, ActorId value);

    public abstract Digest Digest(string name, Digest value);

    public abstract BundleId Bundle(string name, BundleId value);

    public abstract RequestId Request(string name, RequestId value);

    public abstract PublicKey Key(string name, PublicKey value);

    public abstract Signature Signature(string name, Signature? value);

    /// <summary>A signature that may be absent: 65 bytes, or none.</summary>
    public abstract RecoverableSignature? OptionalSignature(string name, RecoverableSignature? value);

    /// <summary>Evidence against a delivery.</summary>
    public abstract DeliveryEvidence Evidence(string name, DeliveryEvidence value);

    public abstract T Nested<T>(string name, T value)
        where T : IMapped<T>;

    /// <summary>A policy. EIP-712 sees the hash of the form in which a contract checks it.</summary>
    public abstract ConsentPolicy Policy(string name, ConsentPolicy value);

    public abstract AccessRule Rule(string name, AccessRule value);

    public abstract IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, int max)
        where T : IMapped<T>;

    internal static bool IsCode(string text, int maxLength) =>
        text.Length >= 1 && text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    protected static string CheckCode(string name, string value, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return IsCode(value, maxLength)
            ? value
            : throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} is a code of 1 to {maxLength} printable ASCII characters without a space."), name);
    }

    protected static int CheckRange(string name, int value, int max) =>
        value >= 0 && value <= max ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} lies between 0 and {max}.");

    protected static DateTimeOffset WholeSeconds(string name, DateTimeOffset value)
    {
        long seconds = value.ToUnixTimeSeconds();
        return seconds is >= 0 and <= LastSecond
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new ArgumentOutOfRangeException(name, value, $"{name} is not after 1970.");
    }

    protected static TimeSpan WholeSeconds(string name, TimeSpan value) =>
        value >= TimeSpan.Zero && value <= MaxDuration
            ? TimeSpan.FromSeconds((long)value.TotalSeconds)
            : throw new ArgumentOutOfRangeException(name, value, $"{name} lies between zero and 100 years.");

    protected static TimeSpan MaxDuration => TimeSpan.FromDays(36525);

    protected static IReadOnlyList<T> CheckCount<T>(string name, IReadOnlyList<T> value, int max)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return value.Count <= max ? value : throw new ArgumentException($"{name} has more than {max} items.", name);
    }
}
