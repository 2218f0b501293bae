using System.Diagnostics;
using System.Reflection;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Tests.Keys;

/// <summary>Whatever holds a secret gives nothing after it was disposed, and says nothing of the secret in its text.</summary>
public class SecretHolderTests
{
    private static readonly byte[] Root = Enumerable.Range(1, 32).Select(i => (byte)(0xA0 ^ i)).ToArray();
    private static readonly IdentityKeys Sender = IdentityKeys.Generate();

    public static TheoryData<string> Holders => [.. All.Keys];

    private static Dictionary<string, (Func<IDisposable> Make, Action<IDisposable> Use)> All { get; } = new()
    {
        [nameof(SecretBytes)] = (() => new SecretBytes(Root), h => ((SecretBytes)h).Reveal()),
        [nameof(SecretValue)] = (() => new SecretValue(Root), h => _ = ((SecretValue)h).Bytes),
        [nameof(SecretKey)] = (() => SecretKey.FromBytes(Root), h => ((SecretKey)h).SignDigest(new byte[32])),
        [nameof(Signer)] = (() => new Signer(SecretKey.FromBytes(Root)), h => ((Signer)h).Sign([])),
        [nameof(SecretKeyFactory)] = (() => SecretKeyFactory.FromSeed(Root), h => ((SecretKeyFactory)h).MakeKey([])),
        [nameof(IdentityKeys)] = (() => IdentityKeys.FromRootSecret(Root), h => ((IdentityKeys)h).ExportRootSecret(new byte[32])),
        [nameof(PatientKeys)] = (() => PatientKeys.FromRecoverySecret(Root), h => ((PatientKeys)h).ExportRecoverySecret(new byte[32])),
        [nameof(EnvelopeContent)] = (() => Content(), h => _ = ((EnvelopeContent)h).Bytes),
        [nameof(SearchToken)] = (() => new SearchToken(SearchTerm.Word("pain"), new SecretBytes(Root)), h => ((SearchToken)h).Key.Reveal()),
        [nameof(RecoveryWords)] = (() => Slip39.Split(Root, Slip39.Single).Lists[0], h => ((RecoveryWords)h).ExportWords(new char[300])),
        [nameof(RecoveryWordsSet)] = (() => Slip39.Split(Root, Slip39.Single), h => ((RecoveryWordsSet)h).Lists[0].WordAt(1)),
        [nameof(TrusteeMemory)] = (() => TrusteeMemory.Create(Sender, []), h => ((TrusteeMemory)h).ExportTo(new byte[1])),
        [nameof(CapsuleKey)] = (() => Umbral.Encapsulate(Sender.EnvelopeKey.PublicKey).Key, h => ((CapsuleKey)h).ExportTo(new byte[32])),
    };

    [Theory]
    [MemberData(nameof(Holders))]
    public void Dispose_Twice_LeavesNothingToUse(string name)
    {
        (Func<IDisposable> make, Action<IDisposable> use) = All[name];
        IDisposable holder = make();
        use(holder);
        holder.Dispose();
        holder.Dispose();
        Assert.Throws<ObjectDisposedException>(() => use(holder));
    }

    [Theory]
    [MemberData(nameof(Holders))]
    public void ToString_Alive_IsTheTypesNameAndTheDebuggerSeesNoSecret(string name)
    {
        using IDisposable holder = All[name].Make();
        Assert.Equal(name, holder.ToString());
        string? display = holder.GetType().GetCustomAttribute<DebuggerDisplayAttribute>()?.Value;
        Assert.True(display is null || !display.Contains("Bytes}", StringComparison.Ordinal) && !display.Contains("Reveal", StringComparison.Ordinal));
    }

    [Fact]
    public void SecretBytes_Disposed_AreZero()
    {
        var secret = new SecretBytes(Root);
        Span<byte> bytes = secret.Reveal();
        Assert.Equal(Root, bytes.ToArray());
        secret.Dispose();
        Assert.Equal(new byte[32], bytes.ToArray());
    }

    private static EnvelopeContent Content()
    {
        byte[] envelope = Envelope.Seal(Sender.EnvelopeKey.PublicKey, Sender.Id, Sender.PublicKeys.ObjectKey, [], Root);
        return Envelope.Open(Sender.EnvelopeKey, Sender.Id, Sender.PublicKeys.ObjectKey, [], envelope);
    }
}
