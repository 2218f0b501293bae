using System.Collections;
using System.Runtime.CompilerServices;

namespace Phr.Consent.Ethereum;

/// <summary>A list that compares by content, as arrays need it in records.</summary>
/// <remarks>Immutable.</remarks>
[CollectionBuilder(typeof(AbiArray), nameof(AbiArray.Create))]
internal sealed class AbiArray<T> : IReadOnlyList<T>, IEquatable<AbiArray<T>>
{
    public static readonly AbiArray<T> Empty = new([]);

    private readonly T[] _items;

    internal AbiArray(T[] items) => _items = items;

    public int Count => _items.Length;

    public ReadOnlySpan<T> Span => _items;

    public T this[int index] => _items[index];

    public bool Equals(AbiArray<T>? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    public override bool Equals(object? obj) => Equals(obj as AbiArray<T>);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (T item in _items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }

    public override string ToString() => "[" + string.Join(", ", _items) + "]";

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();
}

/// <summary>Makes <see cref="AbiArray{T}"/>.</summary>
internal static class AbiArray
{
    public static AbiArray<T> Create<T>(ReadOnlySpan<T> items) => items.IsEmpty ? AbiArray<T>.Empty : new AbiArray<T>(items.ToArray());
}
