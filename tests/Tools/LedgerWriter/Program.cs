// Submits commands to an embedded ledger for as long as it lives, and writes "number hash" of each on standard output once it was acknowledged.
// The test that starts it kills it. Usage: LedgerWriter DATABASE NAME AT-ONCE; the name stands for the writer's key, so that it goes on after a kill.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Phr.Consent;
using Phr.Crypto;

string database = args[0];
using var key = SecretKey.FromBytes(SHA256.HashData(Encoding.UTF8.GetBytes(args[1])));
var actor = ActorId.FromPublicKey(key.PublicKey);
int atOnce = int.Parse(args[2], CultureInfo.InvariantCulture);
using Stream output = Console.OpenStandardOutput();

await using EmbeddedConsentLedger ledger = await EmbeddedConsentLedger.OpenAsync(database);
if (await ledger.GetActorAsync(actor) is null)
{
    await SubmitAsync(new RegisterActor
    {
        Actor = actor,
        Roles = ActorRoles.Patient,
        KeyRecordDigest = Fresh(),
        ValidUntil = TimeProvider.System.GetUtcNow().AddYears(1),
    });
}

await Task.WhenAll(Enumerable.Range(0, atOnce).Select(_ => WriteAsync()));

async Task WriteAsync()
{
    while (true)
    {
        await WriteBundleAsync();
    }
}

async Task WriteBundleAsync()
{
    var bundle = BundleId.FromBytes(Fresh().ToBytes());
    Digest header = Fresh();
    await SubmitAsync(new RegisterBundle { Actor = actor, BundleId = bundle, HeaderDigest = header, DocumentsRoot = Fresh() });
    for (int i = 0; i < 4; i++)
    {
        Digest next = Fresh();
        await SubmitAsync(new ReviseBundle { Actor = actor, BundleId = bundle, PreviousHeaderDigest = header, HeaderDigest = next, DocumentsRoot = Fresh() });
        header = next;
    }
}

async Task SubmitAsync(LedgerCommand command)
{
    LedgerReceipt receipt = await ledger.SubmitAsync(command, key);
    byte[] line = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{receipt.Number} {receipt.Entry.Hash}\n"));
    lock (output)
    {
        output.Write(line);
    }
}

static Digest Fresh() => Digest.FromBytes(RandomNumberGenerator.GetBytes(Digest.Length));
