using Phr.Crypto.Tests.Trustees;

namespace Phr.Crypto.Tests.Recovery;

/// <summary>A patient's keys out of the words of trustees.</summary>
public class PatientRecoveryTests
{
    private static readonly RecoveryOptions Fast = new() { IterationExponent = 0 };

    [Fact]
    public async Task Combine_QuorumOfThePolicy_GivesThePatientBack()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(2, [(2, 3), (1, 1)]);
        #region patient-words
        using RecoveryWordsSet lists = PatientRecovery.Split(world.Patient, world.Policy, "a passphrase");
        RecoveryWords first = lists.For(group: 1, member: 1), third = lists.For(1, 3), hospital = lists.For(2, 1);

        var expected = new ExpectedActor(world.Patient.Identity.Id, world.Patient.PublicKeys.LedgerKey);
        using PatientKeys restored = PatientRecovery.Combine([third, hospital, first], expected, "a passphrase");
        #endregion
        Assert.Equal(PatientRecovery.WordCount, lists.WordCount);
        Assert.Equal(world.Policy.Shape, lists.Shape);
        Same(world.Patient, restored);
    }

    [Fact]
    public void Combine_RenewedKeys_ComeBackInTheGenerationThatTheLedgerHas()
    {
        using PatientKeys first = PatientKeys.Generate();
        using PatientKeys second = first.Renew();
        using PatientKeys third = second.Renew();
        using RecoveryWordsSet lists = PatientRecovery.Split(first, Slip39.Single, "", Fast);
        using PatientKeys restored = PatientRecovery.Combine(lists.Lists, new ExpectedActor(third.Identity.Id, third.PublicKeys.LedgerKey));
        Assert.Equal(2, restored.Identity.Generation);
        Same(third, restored);
        using PatientKeys unchecked0 = PatientRecovery.CombineUnchecked(lists.Lists);
        Same(first, unchecked0);
    }

    [Fact]
    public void Combine_RootThatReplacedALostOne_KeepsTheActorsId()
    {
        using PatientKeys lost = PatientKeys.Generate();
        byte[] root = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        using PatientKeys now = PatientKeys.FromRecoverySecret(root, lost.Identity.Id, 1);
        using RecoveryWordsSet lists = PatientRecovery.Split(now, Slip39.Single, "", Fast);
        using PatientKeys restored = PatientRecovery.Combine(lists.Lists, new ExpectedActor(now.Identity.Id, now.PublicKeys.LedgerKey));
        Same(now, restored);
    }

    [Fact]
    public void Combine_WrongPassphraseOrAnotherPatient_IsNoticed()
    {
        using PatientKeys patient = PatientKeys.Generate(), other = PatientKeys.Generate();
        using RecoveryWordsSet lists = PatientRecovery.Split(patient, Slip39.Single, "right", Fast);
        var expected = new ExpectedActor(patient.Identity.Id, patient.PublicKeys.LedgerKey);
        Assert.Equal(PhrDataReason.AuthenticationFailed, Assert.Throws<PhrDataException>(() => PatientRecovery.Combine(lists.Lists, expected, "wrong")).Reason);
        Assert.Equal(PhrDataReason.AuthenticationFailed, Assert.Throws<PhrDataException>(() =>
            PatientRecovery.Combine(lists.Lists, new ExpectedActor(other.Identity.Id, other.PublicKeys.LedgerKey), "right")).Reason);
        using RecoveryWordsSet small = Slip39.Split(new byte[16], Slip39.Single, "", Fast);
        Assert.Equal(PhrDataReason.WrongLength, Assert.Throws<PhrDataException>(() => PatientRecovery.CombineUnchecked(small.Lists)).Reason);
    }

    [Fact]
    public async Task Split_PolicyWithAGroupOfOneOfSeveral_SaysWhichGroupAndWhatToDo()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(1, [(2, 2), (1, 2)]);
        ArgumentException refused = Assert.Throws<ArgumentException>(() => PatientRecovery.Split(world.Patient, world.Policy));
        Assert.Contains("Group 2 needs 1 of 2 members", refused.Message, StringComparison.Ordinal);
    }

    private static void Same(PatientKeys expected, PatientKeys actual)
    {
        var bundle = BundleId.Random();
        var document = DocumentId.Random();
        using SecretKey a = expected.DeriveDelegatingKey(bundle, document), b = actual.DeriveDelegatingKey(bundle, document);
        Assert.True(a.FixedTimeEquals(b));
        Assert.Equal(expected.Identity.Id, actual.Identity.Id);
        Assert.Equal(expected.PublicKeys.LedgerKey, actual.PublicKeys.LedgerKey);
        Assert.Equal(expected.PublicKeys.ObjectKey, actual.PublicKeys.ObjectKey);
    }
}
