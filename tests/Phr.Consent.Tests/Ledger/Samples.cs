using System.Globalization;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>Fills the fields of any command, event or record with values of their kind, so that a new one joins every encoding test by itself.</summary>
internal sealed class SampleFiller(int seed) : FieldMap
{
    private int _next = seed * 1000;

    public static IEnumerable<LedgerCommand> Commands(int seed) =>
        CommandKinds.Blanks.Select((blank, i) => ((LedgerCommand)blank.Map(new SampleFiller((seed * 100) + i))) with { Actor = SampleActor(seed + i + 1) });

    public static IEnumerable<LedgerEvent> Events(int seed) => EventKinds.Blanks.Select((blank, i) => blank.Map(new SampleFiller((seed * 100) + i)));

    public static ActorId SampleActor(int i) => ActorId.FromBytes(Bytes(i).AsSpan(0, 20));

    public static Digest SampleDigest(int i) => Crypto.Digest.FromBytes(Bytes(i));

    public static SecretKey SampleKey(int i) => SecretKey.FromBytes(Bytes(i));

    public static AccessRule SampleRule() => AccessRule.All(
        AccessRule.Role(ActorRoles.Doctor),
        AccessRule.AtLeast(2, AccessRule.Speciality("cardiology"), AccessRule.Hospital(SampleActor(77)), AccessRule.Label("imaging")),
        AccessRule.Any(AccessRule.Purpose(PurposeOfUse.Treatment), AccessRule.Purpose(PurposeOfUse.EmergencyTreatment)));

    public static ConsentPolicy SamplePolicy() => new()
    {
        GroupThreshold = 2,
        Groups =
        [
            new PolicyGroup { Name = "guardians", Threshold = 2, Members = [Member(1), Member(2), Member(3)] },
            new PolicyGroup { Name = "hospital", Threshold = 1, Members = [new PolicyMember { Identity = SampleActor(104), Organisation = SampleActor(50) }] },
            new PolicyGroup { Name = "agency", Threshold = 1, Members = [Member(5)] },
        ],
        VetoWindow = TimeSpan.FromHours(1),
        AccessRule = SampleRule(),
    };

    public override ulong UInt64(string name, ulong value) => (ulong)Next() * 1_000_003;

    public override int Int32(string name, int value, int max) => name == "kind" ? 1 : Math.Max(1, Next() % (max + 1));

    public override bool Boolean(string name, bool value) => Next() % 2 == 0;

    public override string Code(string name, string value, int maxLength) => maxLength == 3 ? "INR" : "code-" + Next().ToString(CultureInfo.InvariantCulture);

    public override DateTimeOffset Time(string name, DateTimeOffset value) => DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + Next());

    public override TimeSpan Duration(string name, TimeSpan value) => TimeSpan.FromSeconds(Next());

    public override ActorId Actor(string name, ActorId value) => SampleActor(Next());

    public override Digest Digest(string name, Digest value) => SampleDigest(Next());

    public override BundleId Bundle(string name, BundleId value) => BundleId.FromBytes(Bytes(Next()));

    public override RequestId Request(string name, RequestId value) => RequestId.FromBytes(Bytes(Next()));

    public override PublicKey Key(string name, PublicKey value) => SampleKey(Next()).PublicKey;

    public override Signature Signature(string name, Signature? value) => SampleKey(3).SignDigest(Bytes(Next())).Signature;

    public override RecoverableSignature? OptionalSignature(string name, RecoverableSignature? value) => SampleKey(3).SignDigest(Bytes(Next()));

    public override DeliveryEvidence Evidence(string name, DeliveryEvidence value) => DeliveryEvidence.FromBytes(Bytes(Next()));

    public override T Nested<T>(string name, T value) => (value is null ? FieldReader.Blank<T>() : value).Map(this);

    public override ConsentPolicy Policy(string name, ConsentPolicy value) => SamplePolicy();

    public override AccessRule Rule(string name, AccessRule value) => SampleRule();

    public override IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, int max) => [FieldReader.Blank<T>().Map(this), FieldReader.Blank<T>().Map(this)];

    private static PolicyMember Member(int i) => new() { Identity = SampleActor(100 + i) };

    private static byte[] Bytes(int i) => Crypto.Digest.Of(BitConverter.GetBytes(i)).ToBytes();

    private int Next() => ++_next;
}
