using System.Security.Cryptography;

namespace Phr.Crypto.Tests.Keys;

public class IdentityKeysTests
{
    private static readonly byte[] Root = Enumerable.Range(1, 32).Select(i => (byte)i).ToArray();

    [Fact]
    public void FromRootSecret_SameRoot_GivesTheSameKeysAndAnotherRootOthers()
    {
        using var first = IdentityKeys.FromRootSecret(Root);
        using var second = IdentityKeys.FromRootSecret(Root);
        using var other = IdentityKeys.Generate();
        Assert.Equal(first.PublicKeys, second.PublicKeys);
        Assert.True(first.PublicKeys == second.PublicKeys);
        Assert.Equal(first.PublicKeys.GetHashCode(), second.PublicKeys.GetHashCode());
        Assert.True(first.PublicKeys != other.PublicKeys);
        Assert.NotEqual(first.Id, other.Id);
    }

    // Guards the labels: a change would lose everyone's keys.
    [Fact]
    public void FromRootSecret_FixedRoot_GivesTheDocumentedKeys()
    {
        using var keys = IdentityKeys.FromRootSecret(Root);
        using var factory = SecretKeyFactory.FromSeed(Root);
        using SecretKeyFactory identity = factory.MakeFactory("phr/identity/v1\0\0"u8);
        using SecretKey ledger = identity.MakeKey("ledger"u8);
        using SecretKey signer = identity.MakeKey("signer"u8);
        using SecretKey objects = identity.MakeKey("object"u8);
        using SecretKey envelope = identity.MakeKey("envelope"u8);
        using SecretKey receiving = identity.MakeKey("receiving"u8);
        Assert.Equal(ActorId.FromPublicKey(ledger.PublicKey), keys.Id);
        Assert.Equal(ledger.PublicKey, keys.PublicKeys.LedgerKey);
        Assert.Equal(signer.PublicKey, keys.PublicKeys.SignerKey);
        Assert.Equal(objects.PublicKey, keys.PublicKeys.ObjectKey);
        Assert.Equal(envelope.PublicKey, keys.PublicKeys.EnvelopeKey);
        Assert.Equal(receiving.PublicKey, keys.PublicKeys.ReceivingKey);
        Assert.True(keys.PublicKeys.AreDistinct);
        Assert.Equal(keys.LedgerKey.PublicKey, keys.PublicKeys.LedgerKey);
        Assert.Equal(keys.Signer.VerifyingKey, keys.PublicKeys.SignerKey);
        Assert.Equal(keys.ObjectSigner.VerifyingKey, keys.PublicKeys.ObjectKey);
        Assert.Equal(keys.EnvelopeKey.PublicKey, keys.PublicKeys.EnvelopeKey);
        Assert.Equal(keys.ReceivingKey.PublicKey, keys.PublicKeys.ReceivingKey);
    }

    [Fact]
    public void ExportRootSecret_GeneratedKeys_DeriveAgain()
    {
        using var keys = IdentityKeys.Generate();
        var root = new byte[32];
        keys.ExportRootSecret(root);
        using var again = IdentityKeys.FromRootSecret(root);
        Assert.Equal(keys.PublicKeys, again.PublicKeys);
    }

    [Fact]
    public void Renew_NextGeneration_HasTheSameIdAndOnlyNewKeys()
    {
        using var first = IdentityKeys.FromRootSecret(Root);
        using IdentityKeys second = first.Renew();
        using IdentityKeys derived = IdentityKeys.FromRootSecret(Root, generation: 1);
        Assert.Equal((first.Id, 1), (second.Id, second.Generation));
        Assert.Equal(second.PublicKeys, derived.PublicKeys);
        Assert.NotEqual(first.PublicKeys.LedgerKey, second.PublicKeys.LedgerKey);
        Assert.NotEqual(first.PublicKeys.SignerKey, second.PublicKeys.SignerKey);
        Assert.NotEqual(first.PublicKeys.ObjectKey, second.PublicKeys.ObjectKey);
        Assert.NotEqual(first.PublicKeys.EnvelopeKey, second.PublicKeys.EnvelopeKey);
        Assert.NotEqual(first.PublicKeys.ReceivingKey, second.PublicKeys.ReceivingKey);
    }

    [Fact]
    public void GenerateFor_AnActorThatLostItsRoot_KeepsTheId()
    {
        using var lost = IdentityKeys.Generate();
        using var replacement = IdentityKeys.GenerateFor(lost.Id);
        Assert.Equal(lost.Id, replacement.Id);
        Assert.NotEqual(lost.PublicKeys.LedgerKey, replacement.PublicKeys.LedgerKey);
        using IdentityKeys renewed = replacement.Renew();
        Assert.Equal(lost.Id, renewed.Id);
    }

    [Fact]
    public void DerivePersona_OtherContexts_GiveUnrelatedIdentities()
    {
        using var keys = IdentityKeys.FromRootSecret(Root);
        using IdentityKeys one = keys.DerivePersona("one"u8);
        using IdentityKeys again = keys.DerivePersona("one"u8);
        using IdentityKeys two = keys.DerivePersona("two"u8);
        Assert.Equal(one.PublicKeys, again.PublicKeys);
        Assert.Equal(3, new HashSet<ActorId> { keys.Id, one.Id, two.Id }.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void FromRootSecret_WrongLength_ThrowsArgumentException(int length)
    {
        Assert.Throws<ArgumentException>(() => IdentityKeys.FromRootSecret(new byte[length]));
        Assert.Throws<ArgumentException>(() => PatientKeys.FromRecoverySecret(new byte[length]));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(65536)]
    public void FromRootSecret_GenerationOutOfRange_ThrowsArgumentOutOfRange(int generation) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => IdentityKeys.FromRootSecret(Root, generation: generation));

    [Fact]
    public void Renew_LastGeneration_ThrowsInvalidOperation()
    {
        using var last = IdentityKeys.FromRootSecret(Root, generation: IdentityKeys.MaxGeneration);
        Assert.Throws<InvalidOperationException>(() => last.Renew());
    }

    [Fact]
    public void Dispose_EverySecret_IsOutOfReach()
    {
        var keys = IdentityKeys.FromRootSecret(Root);
        SecretKey ledger = keys.LedgerKey;
        Signer signer = keys.ObjectSigner;
        ActorId id = keys.Id;
        keys.Dispose();
        keys.Dispose();
        Assert.Throws<ObjectDisposedException>(() => keys.LedgerKey);
        Assert.Throws<ObjectDisposedException>(() => keys.Signer);
        Assert.Throws<ObjectDisposedException>(() => keys.ObjectSigner);
        Assert.Throws<ObjectDisposedException>(() => keys.EnvelopeKey);
        Assert.Throws<ObjectDisposedException>(() => keys.ReceivingKey);
        Assert.Throws<ObjectDisposedException>(() => keys.Renew());
        Assert.Throws<ObjectDisposedException>(() => keys.DerivePersona([]));
        Assert.Throws<ObjectDisposedException>(() => keys.ExportRootSecret(new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => ledger.SignDigest(new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => signer.Sign([]));
        Assert.Equal(id, keys.Id);
        Assert.Equal(id, keys.PublicKeys.Id);
    }

    [Fact]
    public void DeriveDelegatingKey_FactoryOfFactories_IsTheDocumentedOne()
    {
        using var patient = PatientKeys.FromRecoverySecret(Root);
        BundleId bundle = BundleId.Random();
        DocumentId document = DocumentId.Random();
        using SecretKey key = patient.DeriveDelegatingKey(bundle, document);
        using var root = SecretKeyFactory.FromSeed(Root);
        using SecretKeyFactory bundles = root.MakeFactory("bundle"u8);
        using SecretKeyFactory documents = bundles.MakeFactory(bundle.ToBytes());
        using SecretKey expected = documents.MakeKey(document.ToBytes());
        Assert.True(expected.FixedTimeEquals(key));
        using PatientKeys renewed = patient.Renew();
        using SecretKey later = renewed.DeriveDelegatingKey(bundle, document);
        Assert.True(key.FixedTimeEquals(later));
        using SecretKey other = patient.DeriveDelegatingKey(bundle, DocumentId.Random());
        using SecretKey elsewhere = patient.DeriveDelegatingKey(BundleId.Random(), document);
        Assert.False(key.FixedTimeEquals(other));
        Assert.False(key.FixedTimeEquals(elsewhere));
    }

    [Fact]
    public void PatientKeys_Disposed_DeriveNothing()
    {
        var patient = PatientKeys.Generate();
        var secret = new byte[32];
        patient.ExportRecoverySecret(secret);
        using var again = PatientKeys.FromRecoverySecret(secret);
        Assert.Equal(patient.PublicKeys, again.PublicKeys);
        patient.Dispose();
        Assert.Throws<ObjectDisposedException>(() => patient.DeriveDelegatingKey(default, default));
        Assert.Throws<ObjectDisposedException>(() => patient.ExportRecoverySecret(secret));
        Assert.Throws<ObjectDisposedException>(() => patient.Identity.LedgerKey);
    }

    [Fact]
    public void ToString_OfKeys_IsTheTypesName()
    {
        using var patient = PatientKeys.Generate();
        Assert.Equal("PatientKeys", patient.ToString());
        Assert.Equal("IdentityKeys", patient.Identity.ToString());
    }

    [Fact]
    public void Generate_Twice_DrawsFromTheSystemGenerator()
    {
        var first = new byte[32];
        var second = new byte[32];
        using (var keys = IdentityKeys.Generate())
        {
            keys.ExportRootSecret(first);
        }

        using (var keys = IdentityKeys.Generate())
        {
            keys.ExportRootSecret(second);
        }

        Assert.False(CryptographicOperations.FixedTimeEquals(first, second));
    }
}
