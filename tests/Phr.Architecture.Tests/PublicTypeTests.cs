using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Phr.Architecture.Tests;

/// <summary>What a public type of the libraries may look like.</summary>
public sealed partial class PublicTypeTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // Types that change and need no disposal, each with the reason.
    private static readonly Dictionary<string, string> _mutable = new(StringComparer.Ordinal);

    [Fact]
    public void PublicTypes_State_IsImmutableOrDisposable()
    {
        string[] offenders =
        [
            .. from type in Libraries.PublicTypes
               where !type.IsInterface && !type.IsEnum && !(type.IsAbstract && type.IsSealed)
               where !typeof(Delegate).IsAssignableFrom(type) && !typeof(Exception).IsAssignableFrom(type)
               where !typeof(IDisposable).IsAssignableFrom(type) && !typeof(IAsyncDisposable).IsAssignableFrom(type)
               where !_mutable.ContainsKey(type.FullName!)
               from field in Fields(type)
               where !field.IsInitOnly && !IsLazyCache(field)
               select $"{type.FullName}.{field.Name}",
        ];

        Assert.Empty(offenders);
    }

    [Fact]
    public void PublicTypes_Properties_HandOutNoArrays()
    {
        string[] offenders =
        [
            .. from type in Libraries.PublicTypes
               from property in type.GetProperties()
               where property.PropertyType.IsArray || (property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(List<>))
               select $"{type.FullName}.{property.Name}",
        ];

        Assert.Empty(offenders);
    }

    [Fact]
    public void SecretHolders_Shape_IsSealedDisposableAndSilent()
    {
        Type secretBytes = Assembly.Load("Phr.Crypto").GetType("Phr.Crypto.Memory.SecretBytes", throwOnError: true)!;
        Type[] types = [.. Libraries.All.SelectMany(a => a.GetTypes()).Where(t => !IsCompilerGenerated(t))];
        Type[] holders = [.. types.Where(t => Fields(t).Any(f => Element(f.FieldType) == secretBytes))];

        Assert.Contains(typeof(Phr.Crypto.SecretKey), holders);
        Assert.All(holders.Append(secretBytes), type =>
        {
            Assert.False(IsRecord(type), $"{type} is a record: its ToString prints members.");
            Assert.True(type.IsSealed, $"{type} is not sealed.");
            Assert.True(typeof(IDisposable).IsAssignableFrom(type), $"{type} is not disposable.");
            MethodInfo toString = type.GetMethod(nameof(ToString), Type.EmptyTypes)!;
            Assert.True(toString.DeclaringType == type, $"{type} does not override ToString.");
        });

        // One level up: whatever keeps a holder must not print it either.
        Assert.All(types.Where(t => Fields(t).Any(f => holders.Contains(Element(f.FieldType)))), type => Assert.False(IsRecord(type), $"{type} is a record and holds a secret."));
    }

    [Fact]
    public void AsyncMethods_Signature_EndInAsyncAndTakeACancellationToken()
    {
        string[] offenders =
        [
            .. from type in Libraries.PublicTypes
               from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
               where IsAsynchronous(method.ReturnType) && !method.IsSpecialName
               where !IsGivenByTheFramework(type, method)
               where !method.Name.EndsWith("Async", StringComparison.Ordinal) || method.GetParameters().LastOrDefault()?.ParameterType != typeof(CancellationToken)
               select $"{type.FullName}.{method.Name}",
        ];

        Assert.Empty(offenders);
    }

    [Fact]
    public void Readers_FromBytes_HaveATryTwin()
    {
        string[] offenders =
        [
            .. from type in Libraries.PublicTypes
               from method in type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
               where FromBytes().IsMatch(method.Name)
               where !type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly).Any(twin => IsTwin(method, twin))
               select $"{type.FullName}.{method.Name}",
        ];

        Assert.Empty(offenders);
    }

    [Fact]
    public void PublicTypes_Files_HaveTheTypesName()
    {
        foreach (string name in Libraries.Names)
        {
            string[] files = [.. Libraries.SourceFiles(name).Select(f => Path.GetFileNameWithoutExtension(f))];
            Type[] types = [.. Assembly.Load(name).GetExportedTypes().Where(t => !t.IsNested)];
            Assert.All(types, type => Assert.Single(files, file => file == type.Name.Split('`')[0]));
        }
    }

    [Fact]
    public void Namespaces_PublicTypes_AreTheLibrarysRoot() =>
        Assert.All(Libraries.PublicTypes, type => Assert.Equal(type.Assembly.GetName().Name, type.Namespace));

    [Fact]
    public void Names_PublicTypes_AreNotThoseOfNamespaces() =>
        Assert.DoesNotContain(Libraries.PublicTypes, type => type.Name is "Consent" or "Oracle" or "Crypto" or "Storage");

    private static IEnumerable<FieldInfo> Fields(Type type)
    {
        for (Type? t = type; t is not null && t.Assembly.GetName().Name!.StartsWith("Phr.", StringComparison.Ordinal); t = t.BaseType)
        {
            foreach (FieldInfo field in t.GetFields(Declared).Where(f => !f.IsStatic))
            {
                yield return field;
            }
        }
    }

    // A value worked out once from the others and kept: private, nullable, never set from outside.
    private static bool IsLazyCache(FieldInfo field) =>
        field.IsPrivate && !IsCompilerGenerated(field) && new NullabilityInfoContext().Create(field).ReadState == NullabilityState.Nullable;

    private static Type Element(Type type) => type.IsArray ? type.GetElementType()! : Nullable.GetUnderlyingType(type) ?? type;

    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Declared) is not null;

    private static bool IsCompilerGenerated(MemberInfo member) =>
        member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || (member.DeclaringType is { } outer && IsCompilerGenerated(outer));

    private static bool IsAsynchronous(Type type) =>
        type == typeof(Task) || type == typeof(ValueTask) ||
        (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Task<>) || type.GetGenericTypeDefinition() == typeof(ValueTask<>) || type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)));

    private static bool IsGivenByTheFramework(Type type, MethodInfo method) =>
        !method.GetBaseDefinition().DeclaringType!.Assembly.GetName().Name!.StartsWith("Phr.", StringComparison.Ordinal) ||
        (!type.IsInterface && !method.IsStatic && type.GetInterfaces()
            .Where(i => !i.Assembly.GetName().Name!.StartsWith("Phr.", StringComparison.Ordinal))
            .Any(i => type.GetInterfaceMap(i).TargetMethods.Contains(method)));

    private static bool IsTwin(MethodInfo method, MethodInfo twin)
    {
        ParameterInfo[] wanted = method.GetParameters();
        ParameterInfo[] given = twin.GetParameters();
        return twin.Name == "Try" + method.Name && twin.ReturnType == typeof(bool) && given.Length == wanted.Length + 1 && given[^1].IsOut
            && wanted.Zip(given).All(pair => pair.First.ParameterType == pair.Second.ParameterType);
    }

    [GeneratedRegex("^From(\\w*)Bytes$")]
    private static partial Regex FromBytes();
}
