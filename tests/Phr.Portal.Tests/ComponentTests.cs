using System.Reflection;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Phr.Samples.Portal.Components.Shared;

namespace Phr.Portal.Tests;

/// <summary>The layout, a page and its parts are drawn at the same time, and one database context answers one question at a time: the page alone uses that of its request.</summary>
public sealed class ComponentTests
{
    private static readonly IReadOnlyList<Type> _components = [.. typeof(Program).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IComponent)) && !type.IsAbstract)];

    /// <summary>Every component that is not a page of its own.</summary>
    public static TheoryData<string> Parts => [.. _components.Where(type => type.GetCustomAttribute<RouteAttribute>() is null).Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Parts))]
    public void Part_NoPageOfItsOwn_HasNothingOfItsPagesDatabase(string name)
    {
        Type part = _components.Single(type => type.FullName == name);
        foreach (PropertyInfo given in part.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(property => property.GetCustomAttribute<InjectAttribute>() is not null))
        {
            Assert.False(Reaches(given.PropertyType, []), $"{part.Name}.{given.Name} asks the database of the request: take a DeskComponent.");
        }
    }

    [Fact]
    public void Parts_ThatAsk_AreKnown() => Assert.Equal(
        ["DrillReportView", "OutcomeForm", "ShareHealthTable", "SmallClaims", "UnfinishedUploads"],
        _components.Where(type => type.BaseType is { IsGenericType: true } above && above.GetGenericTypeDefinition() == typeof(DeskComponent<>)).Select(type => type.Name).Order());

    // Who asks is looked up before any page is drawn, and only read from then on.
    private static bool Reaches(Type type, HashSet<Type> seen) =>
        type.IsAssignableTo(typeof(PortalDb))
        || (type != typeof(CurrentPerson) && type != typeof(IServiceScopeFactory) && type.Assembly == typeof(Program).Assembly && seen.Add(type)
            && type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Any(constructor => constructor.GetParameters().Any(parameter => Reaches(parameter.ParameterType, seen))));
}
