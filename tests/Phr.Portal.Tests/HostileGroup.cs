namespace Phr.Portal.Tests;

/// <summary>The tests that share one portal for what people should not do, one after the other.</summary>
[CollectionDefinition(nameof(HostilePortal))]
public sealed class HostileGroup : ICollectionFixture<HostilePortal>;
