using System.Collections;
using System.Reflection;

namespace Phr.Consent.Tests.Ledger;

/// <summary>Records of the ledger compare by what is in their lists, whoever made the lists.</summary>
public class RecordEqualityTests
{
    /// <summary>Every list of a ledger's record, command or event that can be set.</summary>
    public static TheoryData<Type, string> Lists { get; } = ListsOf(typeof(RequestRecord).Assembly);

    [Fact]
    public void RequestRecord_EmptyListsSetAndLeftOut_AreEqual()
    {
        RequestRecord left = Make<RequestRecord>(), set = left with { Approvals = [], Denials = new List<DenialRecord>(), Ratings = Array.Empty<RatingRecord>() };
        Assert.Equal(left, set);
        Assert.Equal(left.GetHashCode(), set.GetHashCode());
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void List_SameItemsFromSomebodyElse_IsTheSame(Type type, string name)
    {
        ArgumentNullException.ThrowIfNull(type);
        PropertyInfo property = type.GetProperty(name)!;
        Type item = property.PropertyType.GetGenericArguments()[0];
        object record = Activator.CreateInstance(type, nonPublic: true)!;
        object? before = property.GetValue(record);
        property.SetValue(record, Array.CreateInstance(item, 0));
        object empty = property.GetValue(record)!;
        if (before is not null)
        {
            Assert.Equal(before, empty, ReferenceEqualityOrOwn.Instance);
        }

        if (!item.IsValueType)
        {
            return;
        }

        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(item))!;
        list.Add(Activator.CreateInstance(item));
        property.SetValue(record, list);
        object one = property.GetValue(record)!;
        list.Add(Activator.CreateInstance(item));
        Assert.Single(((IEnumerable)one).Cast<object>());
        var array = Array.CreateInstance(item, 1);
        property.SetValue(record, array);
        Assert.Equal(one, property.GetValue(record)!, ReferenceEqualityOrOwn.Instance);
        Assert.NotEqual(one, empty, ReferenceEqualityOrOwn.Instance);
    }

    private static TheoryData<Type, string> ListsOf(Assembly assembly)
    {
        var found = new TheoryData<Type, string>();
        foreach (Type type in assembly.GetExportedTypes().Where(t => t is { IsClass: true, IsAbstract: false } && t.GetMethod("<Clone>$") is not null && t.Namespace == typeof(RequestRecord).Namespace))
        {
            // Records of the ledger have no constructor with parameters; inputs of calculations and settings are not compared.
            if (type == typeof(DrawInputs) || type.Name.EndsWith("Options", StringComparison.Ordinal) || type.GetConstructor(Type.EmptyTypes) is null)
            {
                continue;
            }

            foreach (PropertyInfo property in type.GetProperties().Where(p => p.CanWrite && p.PropertyType.IsGenericType && p.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)))
            {
                found.Add(type, property.Name);
            }
        }

        return found;
    }

    private static T Make<T>() => (T)Activator.CreateInstance(typeof(T), nonPublic: true)!;

    // As a record's own equality asks: what the list itself says, and not item by item as an assertion would.
    private sealed class ReferenceEqualityOrOwn : IEqualityComparer<object>
    {
        public static ReferenceEqualityOrOwn Instance { get; } = new();

        public new bool Equals(object? x, object? y) => object.Equals(x, y);

        public int GetHashCode(object obj) => obj.GetHashCode();
    }
}
