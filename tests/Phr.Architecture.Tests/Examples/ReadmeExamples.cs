using Phr.Crypto;

namespace Phr.Architecture.Tests.Examples;

/// <summary>The code that the README shows, run here as it stands there.</summary>
public sealed class ReadmeExamples
{
    [Fact]
    public void TenLines_Run_DoWhatTheReadmeSays()
    {
        #region ten-lines
        using var signer = new Signer(SecretKey.Generate());
        Signature signature = signer.Sign("a sealed record"u8);
        Console.WriteLine(signer.VerifyingKey.Verify("a sealed record"u8, signature));
        #endregion
    }
}
