using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Architecture.Tests;

/// <summary>Which way the arrows point: between libraries, to the curve library, and away from every API that rebuilds a key.</summary>
public sealed partial class DependencyTests
{
    [Fact]
    public void Libraries_References_SeeOnlyThoseBeforeThem()
    {
        for (int i = 0; i < Libraries.Names.Length; i++)
        {
            string name = Libraries.Names[i];
            IEnumerable<string> compiled = Assembly.Load(name).GetReferencedAssemblies().Select(a => a.Name!).Where(n => n.StartsWith("Phr.", StringComparison.Ordinal));
            Assert.All(compiled, reference => Assert.Contains(reference, Libraries.Names[..i]));
            Assert.All(ProjectReferences(Path.Combine(Libraries.SourceFolder(name), name + ".csproj")), reference => Assert.Contains(reference, Libraries.Names[..i]));
        }
    }

    // Models know nothing of keys and ledgers, and nobody who holds keys depends on models.
    [Fact]
    public void Ml_References_NeitherSeesNorIsSeen()
    {
        Assert.Equal("Phr.Ml", Libraries.Names[0]);
        Assert.All(Libraries.Names[1..], name => Assert.DoesNotContain("Phr.Ml", Assembly.Load(name).GetReferencedAssemblies().Select(a => a.Name)));
        Assert.All(Libraries.Names[1..], name => Assert.DoesNotContain("Phr.Ml", ProjectReferences(Path.Combine(Libraries.SourceFolder(name), name + ".csproj"))));
    }

    // FHIR's library is large and made by reflection: who does not ask for it does not get it.
    [Fact]
    public void Fhir_References_IsSeenByNoLibrary()
    {
        Assert.All(Libraries.Names.Where(n => n != "Phr.Fhir"), name =>
        {
            Assert.DoesNotContain(Assembly.Load(name).GetReferencedAssemblies(), a => a.Name == "Phr.Fhir" || a.Name!.StartsWith("Hl7.", StringComparison.Ordinal));
            Assert.DoesNotContain("Phr.Fhir", ProjectReferences(Path.Combine(Libraries.SourceFolder(name), name + ".csproj")));
        });
    }

    [Fact]
    public void SourceFolder_Projects_AreAllCovered()
    {
        string[] projects = [.. Directory.GetFiles(RepositoryRoot.Combine("src"), "*.csproj", SearchOption.AllDirectories).Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal)];
        Assert.Equal(Libraries.Names.Order(StringComparer.Ordinal), projects);
    }

    [Fact]
    public void BouncyCastle_Uses_StayInTheHash()
    {
        var users = new List<string>();
        foreach (string name in Libraries.Names)
        {
            users.AddRange(IlScan.Uses(Libraries.AssemblyPath(name)).Where(u => u.Assembly == "BouncyCastle.Cryptography").Select(u => u.From).Distinct());
        }

        Assert.NotEmpty(users);
        Assert.All(users, user => Assert.Equal(typeof(Keccak256).FullName, user));
    }

    // Only the code that shares a key may rebuild one; a delegating key otherwise exists on the patient's device alone.
    [Fact]
    public void Recombination_Uses_StayInSharing()
    {
        string[] sharing = [.. Libraries.SourceFiles("Phr.Crypto", "Sharing").SelectMany(f => TypeDeclaration().Matches(File.ReadAllText(f))).Select(m => "Phr.Crypto." + m.Groups[1].Value)];
        string[] users = [.. Libraries.Names.Append("FullFlow").SelectMany(n => IlScan.Uses(Libraries.AssemblyPath(n))).Where(IsRecombination).Select(u => u.From).Distinct()];

        Assert.Contains(typeof(GroupSharing).FullName, users);
        Assert.All(users, user => Assert.Contains(user.Replace("Phr.Crypto.Sharing.", "Phr.Crypto.", StringComparison.Ordinal).Split('`')[0], sharing));
    }

    // A trustee adds up what several sent it into its own share, and a helper what helpers sent it. Nobody else adds up secrets.
    [Fact]
    public void Redistribution_SumsOfSecrets_AreATrusteesOwn()
    {
        string[] users = [.. Libraries.Names.SelectMany(n => IlScan.Uses(Libraries.AssemblyPath(n)))
            .Where(u => u.Type.StartsWith("Phr.Crypto.Sharing.Redistribution", StringComparison.Ordinal) && u.Member == "Combine").Select(u => u.From).Distinct()];

        Assert.Equal([typeof(ShareRepairSum).FullName!, typeof(TrusteeShares).FullName!], users.Where(u => !u.StartsWith("Phr.Crypto.Sharing.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    // Lists of words give a whole identity: no client and no service puts them together by the way.
    [Fact]
    public void RecoveryWords_Combining_StaysInRecovery()
    {
        string[] recovery = [.. Libraries.SourceFiles("Phr.Crypto", "Recovery").SelectMany(f => TypeDeclaration().Matches(File.ReadAllText(f))).Select(m => m.Groups[1].Value)];
        MemberUse[] uses = [.. Libraries.Names.Append("FullFlow").SelectMany(n => IlScan.Uses(Libraries.AssemblyPath(n))).Where(IsCombining)];

        Assert.NotEmpty(uses);
        Assert.All(uses, use => Assert.Contains(use.From.Split('.')[^1], recovery));
    }

    [Fact]
    public void Recombination_PlantedUse_IsSeen()
    {
        MemberUse[] seen = [.. IlScan.Uses(typeof(DependencyTests).Assembly.Location).Where(IsRecombination)];

        Assert.Equal([nameof(GroupSharing), nameof(SecretSharing)], seen.Select(u => u.Type.Split('.')[^1]).Order(StringComparer.Ordinal));
        Assert.All(seen, use => Assert.Equal(typeof(DependencyTests).FullName, use.From));
    }

    [Fact]
    public void IlScan_ThisAssembly_FindsAPlantedUse()
    {
        IReadOnlyCollection<MemberUse> uses = IlScan.Uses(typeof(DependencyTests).Assembly.Location);

        Assert.Contains(new MemberUse(typeof(DependencyTests).FullName!, "Phr.Crypto", typeof(Keccak256).FullName!, nameof(Keccak256.HashData)), uses);
    }

    private static bool IsRecombination(MemberUse use) =>
        use.Assembly == "Phr.Crypto" && use.Member is "Recombine" or "WeightedSum" or "Checked"
        && (use.Type.StartsWith("Phr.Crypto.Sharing.", StringComparison.Ordinal) || use.Type is "Phr.Crypto.SecretSharing" or "Phr.Crypto.GroupSharing");

    private static bool IsCombining(MemberUse use) =>
        use.Assembly == "Phr.Crypto" && use.Type is "Phr.Crypto.Slip39" or "Phr.Crypto.Recovery.ByteSharing" or "Phr.Crypto.Recovery.WordsCollection"
        && use.Member is "Combine" or "TryCombine" or "CombineSecret" or "TryRebuild" or "Rebuild";

    private static IEnumerable<string> ProjectReferences(string project) =>
        XDocument.Load(project).Descendants("ProjectReference").Select(e => Path.GetFileNameWithoutExtension(e.Attribute("Include")!.Value.Replace('\\', '/')));

    [GeneratedRegex(@"^\w[\w ]*\b(?:class|struct|record) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    /// <summary>What the scan must find, although it sits in lambdas of a nested class. Never called.</summary>
    private static class Planted
    {
        public static readonly Func<byte[]> Hash = () => Keccak256.HashData([]);
        public static readonly Func<SecretKey> One = () => SecretSharing.Recombine(null!, null!);
        public static readonly Func<SecretKey> Two = () => GroupSharing.Recombine(null!, null!);
    }
}
