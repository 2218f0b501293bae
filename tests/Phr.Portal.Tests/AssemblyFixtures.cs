using Phr.Portal.Tests;

[assembly: AssemblyFixture(typeof(DemoPortal))]
[assembly: AssemblyFixture(typeof(ChromiumBrowser))]
