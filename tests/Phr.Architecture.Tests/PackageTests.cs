using System.IO.Compression;
using System.Reflection.Metadata;
using System.Xml.Linq;
using Phr.TestSupport;

namespace Phr.Architecture.Tests;

/// <summary>
/// Looks inside the packages in <c>artifacts/packages</c>. Explicit, because they must have been packed first: <c>test.sh</c> packs and runs
/// these with <c>-explicit only</c>.
/// </summary>
public sealed class PackageTests
{
    public static TheoryData<string> Packages => [.. Libraries.Names];

    [Theory(Explicit = true)]
    [MemberData(nameof(Packages))]
    public void Package_Packed_HasEverythingAUserNeeds(string name)
    {
        using ZipArchive package = Open(name, "nupkg");

        foreach (string entry in (string[])[$"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml", "README.md", "LICENSE", "api/PublicAPI.Shipped.txt", "api/PublicAPI.Unshipped.txt"])
        {
            Assert.True(package.GetEntry(entry) is { Length: > 0 }, $"{name}: {entry} is missing or empty.");
        }

        XElement documentation = Load(package, $"lib/net10.0/{name}.xml");
        Assert.Equal(name, documentation.Element("assembly")?.Element("name")?.Value);
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(Packages))]
    public void Package_Packed_DescribesItself(string name)
    {
        using ZipArchive package = Open(name, "nupkg");
        XElement metadata = Load(package, name + ".nuspec").Elements().Single(e => e.Name.LocalName == "metadata");

        Assert.Equal("MIT", Value(metadata, "license"));
        Assert.Equal("README.md", Value(metadata, "readme"));
        Assert.True(Value(metadata, "description").Length > 40);
        Assert.NotEmpty(Value(metadata, "tags"));
        foreach (XElement dependency in metadata.Descendants().Where(e => e.Name.LocalName == "dependency"))
        {
            string id = dependency.Attribute("id")!.Value;
            Assert.DoesNotContain("Analyzers", id, StringComparison.Ordinal);
            if (id.StartsWith("Phr.", StringComparison.Ordinal))
            {
                Assert.Equal(Value(metadata, "version"), dependency.Attribute("version")!.Value);
                Assert.True(Array.IndexOf(Libraries.Names, id) < Array.IndexOf(Libraries.Names, name), $"{name} depends on {id}.");
            }
        }
    }

    [Theory(Explicit = true)]
    [MemberData(nameof(Packages))]
    public void SymbolPackage_Packed_HasPortablePdb(string name)
    {
        using ZipArchive package = Open(name, "snupkg");
        ZipArchiveEntry? entry = package.GetEntry($"lib/net10.0/{name}.pdb");
        Assert.NotNull(entry);

        using var bytes = new MemoryStream();
        using (Stream content = entry.Open())
        {
            content.CopyTo(bytes);
        }

        bytes.Position = 0;
        using var provider = MetadataReaderProvider.FromPortablePdbStream(bytes);
        Assert.NotEmpty(provider.GetMetadataReader().Documents);
    }

    [Fact(Explicit = true)]
    public void Folder_Packed_HoldsOnePackageAndItsSymbolsPerLibrary()
    {
        string[] files = [.. Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
        Assert.Equal(Libraries.Names.Length * 2, files.Length);
        Assert.All(Libraries.Names, name => Assert.Equal(2, files.Count(f => f.StartsWith(name + ".", StringComparison.Ordinal))));
    }

    private static string Folder => RepositoryRoot.Combine("artifacts", "packages");

    private static ZipArchive Open(string name, string extension) => ZipFile.OpenRead(Assert.Single(Directory.GetFiles(Folder, $"{name}.*.{extension}")));

    private static XElement Load(ZipArchive package, string entry)
    {
        using Stream content = package.GetEntry(entry)!.Open();
        return XElement.Load(content);
    }

    private static string Value(XElement metadata, string element) => metadata.Elements().Single(e => e.Name.LocalName == element).Value;
}
