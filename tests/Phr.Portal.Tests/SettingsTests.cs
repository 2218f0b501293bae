using System.Diagnostics;
using Microsoft.Extensions.Configuration;

namespace Phr.Portal.Tests;

/// <summary>Settings that cannot work are told at the start, all at once, and in words.</summary>
public sealed class SettingsTests
{
    [Theory]
    [InlineData("Database is postgres, and Portal:Connection does not say", "Portal:Database=postgres")]
    [InlineData("Portal: ", "Portal:Database=oracle")]
    [InlineData("CommitteeThreshold is more than", "Portal:CommitteeThreshold=4")]
    [InlineData("CommitteeSize is more than", "Portal:CommitteeSize=5")]
    [InlineData("is no http address of a node", "Portal:IpfsNodes:0=ipfs.example")]
    [InlineData("Smtp:Host names no mail server", "Portal:Smtp:User=portal")]
    [InlineData("Smtp:Port is a number", "Portal:Smtp:Host=mail.example", "Portal:Smtp:Port=0")]
    [InlineData("Port", "Portal:Smtp:Host=mail.example", "Portal:Smtp:Port=many")]
    [InlineData("are given together or not at all", "Portal:Smtp:Host=mail.example", "Portal:Smtp:User=portal")]
    [InlineData("cannot be read", "Portal:Smtp:Host=mail.example", "Portal:Smtp:User=portal", "Portal:Smtp:PasswordFile=/nowhere/word")]
    [InlineData("mail.example is another machine", "Portal:Smtp:Host=mail.example", "Portal:Smtp:Security=None")]
    [InlineData("From is no mail address", "Portal:Smtp:Host=mail.example", "Portal:Smtp:From=the portal")]
    [InlineData("Ethereum:Nodes:0 is missing", "Portal:Ethereum:Deployment=/nowhere/ledger.json")]
    [InlineData("Ethereum:Deployment: /nowhere/ledger.json cannot be read", "Portal:Ethereum:Deployment=/nowhere/ledger.json")]
    [InlineData("Ethereum:PayerFile names no file", "Portal:Ethereum:Nodes:0=http://127.0.0.1:8545")]
    [InlineData("Ethereum:Operators:0 is missing", "Portal:Ethereum:Nodes:0=http://127.0.0.1:8545")]
    [InlineData("PatientQuota", "Portal:PatientQuota=0")]
    [InlineData("LimitWindow", "Portal:LimitWindow=00:00:00")]
    [InlineData("is no identity", "Portal:Ethereum:Nodes:0=http://127.0.0.1:8545", "Portal:Ethereum:Operators:0=somebody")]
    public void Read_SettingsThatCannotWork_SaysWhatIsWrong(string told, params string[] settings)
    {
        (_, IReadOnlyList<string> faults) = PortalOptions.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => s.Split('=', 2)).Select(s => KeyValuePair.Create<string, string?>(s[0], s[1]))).Build());
        Assert.Contains(faults, fault => fault.Contains(told, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_Nothing_IsWhole()
    {
        (PortalOptions options, IReadOnlyList<string> faults) = PortalOptions.Read(new ConfigurationBuilder().Build());
        Assert.Empty(faults);
        Assert.Equal("sqlite", options.Database);
        Assert.Null(options.Ethereum);
    }

    [Fact]
    public async Task Program_SettingsThatCannotWork_EndsWithAllFaultsAndMakesNothing()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"phr-portal-{Guid.NewGuid():n}");
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(PortalOptions).Assembly.Location, $"--Portal:Folder={folder}", "--Portal:Database=postgres", "--Portal:Smtp:Host=mail.example", "--Portal:Smtp:Security=None"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> said = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, process.ExitCode);
        string[] lines = (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["The portal cannot start:", "- Portal:Database", "- Portal:Smtp:Security"], lines.Select(line => line.Split(" is ")[0]));
        Assert.False(Directory.Exists(folder));
    }
}
