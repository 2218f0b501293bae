using System.Text;
using Phr.Crypto;

namespace Phr.Architecture.Tests.Examples;

/// <summary>The code that the README shows, run here as it stands there.</summary>
public sealed class ReadmeExamples
{
    [Fact]
    public void TenLines_Run_OpenTheRecord()
    {
        #region ten-lines
        using SecretKey patient = SecretKey.Generate(), doctor = SecretKey.Generate();
        using var signer = new Signer(SecretKey.Generate());
        (Capsule capsule, byte[] sealedRecord) = Umbral.Encrypt(patient.PublicKey, "glucose 5.4 mmol/l"u8);

        var options = new KeyFragOptions { Threshold = 2, Shares = 3 };
        VerifiedKeyFrag[] keyFrags = Umbral.GenerateKeyFrags(patient, doctor.PublicKey, signer, options);
        VerifiedCapsuleFrag[] pieces = [.. keyFrags.Take(2).Select(keyFrag => Umbral.Reencrypt(capsule, keyFrag))];

        byte[] opened = Umbral.DecryptReencrypted(doctor, patient.PublicKey, capsule, pieces, sealedRecord);
        Console.WriteLine(Encoding.UTF8.GetString(opened));
        #endregion
        Assert.Equal("glucose 5.4 mmol/l"u8, opened);
    }
}
