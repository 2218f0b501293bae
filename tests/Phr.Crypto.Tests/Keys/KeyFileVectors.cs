using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Phr.Crypto.Keys;
using Phr.Crypto.Memory;
using Phr.Crypto.Tests.Sharing;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Keys;

/// <summary>Makes the file of tests/vectors/key-files from labelled streams, the same in every run.</summary>
internal static class KeyFileVectors
{
    private const string Passphrase = "bättery 🐎 staple";
    private static readonly byte[] Root = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string FilePath => RepositoryRoot.Combine("tests", "vectors", "key-files", "open.json");

    /// <summary>The committed cases.</summary>
    public static JsonObject[] Read() => [.. JsonNode.Parse(File.ReadAllText(FilePath))!["cases"]!.AsArray().Select(c => c!.AsObject())];

    /// <summary>What the file must hold.</summary>
    public static string Make() => Open().ToJsonString(Format) + "\n";

    private static JsonObject Open()
    {
        var cases = new JsonArray();
        using IdentityKeys identity = IdentityKeys.FromRootSecret(Root);
        using IdentityKeys renewed = IdentityKeys.FromRootSecret(Root, ActorId.FromBytes([.. Enumerable.Range(200, 20).Select(i => (byte)i)]), 258);
        byte[] good = Seal("good", KeyFileKind.Identity, identity);
        byte[] second = Seal("second", KeyFileKind.Identity, identity);
        Ok("an identity", KeyFileKind.Identity, good, identity);
        Ok("an identity of another actor id, generation 258", KeyFileKind.Identity, Seal("renewed", KeyFileKind.Identity, renewed), renewed);
        Ok("a patient", KeyFileKind.Patient, Seal("patient", KeyFileKind.Patient, identity), identity);
        Ok("the defaults: 64 MiB, 3 passes", KeyFileKind.Identity, Seal("defaults", KeyFileKind.Identity, identity, 65_536, 3), identity);

        Add("no bytes", PhrDataReason.WrongLength, []);
        Add("the last byte missing", PhrDataReason.WrongLength, good[..^1]);
        Add("a zero byte more", PhrDataReason.WrongLength, [.. good, 0]);
        Add("other first bytes", PhrDataReason.Malformed, With(good, 4, (byte)'B'));
        Add("a line end that was translated", PhrDataReason.Malformed, With(good, 5, 0x0a));
        Add("version 2", PhrDataReason.UnknownVersion, With(good, 7, 2));
        Add("kind 0", PhrDataReason.OutOfRange, With(good, 8, 0));
        Add("kind 3", PhrDataReason.OutOfRange, With(good, 8, 3));
        Add("a patient's file, opened as an identity's", PhrDataReason.Mismatched, With(good, 8, 2));
        Add("an identity's file, opened as a patient's", PhrDataReason.Mismatched, good, kind: KeyFileKind.Patient);
        Add("an identity's file made a patient's", PhrDataReason.AuthenticationFailed, With(good, 8, 2), kind: KeyFileKind.Patient);
        Add("an unknown way from passphrase to key", PhrDataReason.UnknownVersion, With(good, 31, 2));
        Add("7 KiB", PhrDataReason.OutOfRange, With(good, 32, 0, 0, 0, 7));
        Add("1 GiB and 1 KiB", PhrDataReason.OutOfRange, With(good, 32, 0, 16, 0, 1));
        Add("4 TiB", PhrDataReason.OutOfRange, With(good, 32, 0xff, 0xff, 0xff, 0xff));
        Add("no pass", PhrDataReason.OutOfRange, With(good, 36, 0));
        Add("11 passes", PhrDataReason.OutOfRange, With(good, 36, 11));
        Add("no lane", PhrDataReason.OutOfRange, With(good, 37, 0));
        Add("two lanes", PhrDataReason.OutOfRange, With(good, 37, 2));
        Add("another passphrase", PhrDataReason.AuthenticationFailed, good, passphrase: "bättery 🐎 stapler");
        Add("the passphrase in the other form of its letter ä", PhrDataReason.AuthenticationFailed, good, passphrase: "ba\u0308ttery 🐎 staple");
        Add("more memory than it was made with", PhrDataReason.AuthenticationFailed, With(good, 32, 0, 0, 0, 9));
        Add("another pass", PhrDataReason.AuthenticationFailed, With(good, 36, 2));
        Add("another generation", PhrDataReason.AuthenticationFailed, With(good, 10, 1));
        Add("another actor", PhrDataReason.AuthenticationFailed, With(good, 11, (byte)(good[11] ^ 1)));
        Add("another salt", PhrDataReason.AuthenticationFailed, With(good, 38, second[38..54]));
        Add("another nonce", PhrDataReason.AuthenticationFailed, With(good, 54, second[54..78]));
        Add("the commitment of another file", PhrDataReason.AuthenticationFailed, With(good, 78, second[78..110]));
        Add("the ciphertext's first bit flipped", PhrDataReason.AuthenticationFailed, With(good, 110, (byte)(good[110] ^ 0x80)));
        Add("the tag's last bit flipped", PhrDataReason.AuthenticationFailed, With(good, 157, (byte)(good[157] ^ 1)));
        Add("the ciphertext and tag of another file", PhrDataReason.AuthenticationFailed, With(good, 110, second[110..]));

        return new JsonObject { ["about"] = "Key files, each with the kind and the passphrase under which it is opened.", ["cases"] = cases };

        void Ok(string name, KeyFileKind kind, byte[] file, IdentityKeys keys) => cases.Add((JsonNode)new JsonObject
        {
            ["name"] = name,
            ["expect"] = "ok",
            ["kind"] = kind.ToString(),
            ["passphrase"] = Passphrase,
            ["file"] = Convert.ToHexStringLower(file),
            ["actor"] = keys.Id.ToString(),
            ["generation"] = keys.Generation,
            ["root"] = Convert.ToHexStringLower(Root),
        });

        void Add(string name, PhrDataReason reason, byte[] file, KeyFileKind kind = KeyFileKind.Identity, string passphrase = Passphrase) => cases.Add((JsonNode)new JsonObject
        {
            ["name"] = name,
            ["expect"] = reason.ToString(),
            ["stage"] = reason == PhrDataReason.AuthenticationFailed ? "open" : "parse",
            ["kind"] = kind.ToString(),
            ["passphrase"] = passphrase,
            ["file"] = Convert.ToHexStringLower(file),
        });
    }

    private static byte[] Seal(string label, KeyFileKind kind, IdentityKeys keys, int memoryKib = KeyFileFormat.LeastMemoryKib, int passes = 1) =>
        KeyFileFormat.Seal(new KeyFileInfo(kind, keys.Id, keys.Generation, memoryKib, passes), Root, Passphrase, new StreamRandom("phr/vectors/key-file/" + label));

    private static byte[] With(byte[] file, int offset, params byte[] replacement)
    {
        byte[] altered = [.. file];
        replacement.CopyTo(altered, offset);
        return altered;
    }
}
