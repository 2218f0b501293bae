using Xunit.Sdk;
using Xunit.v3;

namespace Phr.Portal.Tests;

/// <summary>Runs what asks about the other tests of its class after them: a test whose name begins with <c>Last</c>.</summary>
public sealed class LastIsLast : ITestMethodOrderer
{
    public IReadOnlyCollection<TTestMethod?> OrderTestMethods<TTestMethod>(IReadOnlyCollection<TTestMethod?> testMethods)
        where TTestMethod : notnull, ITestMethod => [.. testMethods.OrderBy(method => method?.MethodName.StartsWith("Last", StringComparison.Ordinal))];
}
