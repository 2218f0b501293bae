using System.Globalization;
using Phr.Benchmarks.Scenes;
using Phr.Crypto;
using Phr.Crypto.Bundles;
using Phr.Crypto.Envelopes;

namespace Phr.Benchmarks.Sections;

/// <summary>Sizes, taken from real objects.</summary>
internal static class StorageSection
{
    public const string Name = "storage";

    public static void Run(RunContext context)
    {
        var rows = new List<StorageRow>();
        using (var umbral = new UmbralScene())
        {
            rows.Add(new StorageRow("Umbral capsule", umbral.CapsuleBytes.Length, "98 in its simple form"));
            rows.Add(new StorageRow("Umbral key fragment", umbral.KeyFragBytes.Length, ""));
            rows.Add(new StorageRow("Umbral capsule fragment", umbral.CapsuleFragBytes.Length, ""));
            rows.Add(new StorageRow("Umbral ciphertext of 32 bytes", umbral.Encrypt().Ciphertext.Length, "nonce and tag: 40 bytes more"));
        }

        using (var envelope = new EnvelopeScene())
        {
            rows.Add(new StorageRow("envelope around 100 bytes", envelope.Seal().Length, "capsule, commitment, tag, padding"));
        }

        foreach (long size in (long[])[1, 1_000, 65_536, 1_000_000, 100_000_000, 10_000_000_000])
        {
            long length = DocumentCipher.CiphertextLength(Padme.PaddedLength(size));
            rows.Add(new StorageRow(
                $"ciphertext of {Count(size, "byte")}", length, string.Create(CultureInfo.InvariantCulture, $"+{100.0 * (length - size) / size:0.00} %: padding, and 16 bytes for every 65,536")));
        }

        foreach (int documents in (int[])(context.Effort.IsSmoke ? [1] : [1, 10, 100, 1000]))
        {
            using WorldScene scene = WorldScene.CreateAsync(5, documents).GetAwaiter().GetResult();
            rows.Add(new StorageRow($"header, {Count(documents, "document")}", scene.Header.ToBytes().Length, PerDocument(scene.Header.ToBytes().Length, documents)));
            int dealing = scene.Dealing.Dealing.ToBytes().Length;
            rows.Add(new StorageRow($"dealing, {Count(documents, "document")}, 5 trustees", dealing, PerDocument(dealing, documents)));
            rows.Add(new StorageRow($"share envelopes of that dealing, all", scene.Dealt.Envelopes.Sum(e => e.Bytes.Length), $"{Number(scene.Dealt.Envelopes.Count)} of {Number(scene.Dealt.Envelopes[0].Bytes.Length)} bytes"));
        }

        foreach (int trustees in (int[])(context.Effort.IsSmoke ? [3] : [3, 8, 16]))
        {
            using WorldScene scene = WorldScene.CreateAsync(trustees, 1).GetAwaiter().GetResult();
            rows.Add(new StorageRow($"dealing, 1 document, {Number(trustees)} trustees", scene.Dealing.Dealing.ToBytes().Length, ""));
            ApprovalResult[] approvals = scene.ApproveByQuorum();
            rows.Add(new StorageRow($"approval of one trustee, committee of {Number(WorldScene.CommitteeSize)}", approvals[0].Approval.Approval.ToBytes().Length, $"and {Number(approvals[0].Envelopes.Count)} envelopes of {Number(approvals[0].Envelopes[0].Bytes.Length)} bytes"));
            rows.Add(new StorageRow($"delivery of one oracle, {Number(approvals.Length)} approvals", scene.Deliver(1, approvals).Seal(scene.Terms).Length, "sealed"));
        }

        context.Results.Write(Name, rows);
        RunContext.Progress($"storage: {rows.Count} rows");
    }

    private static string PerDocument(int length, int documents) => documents == 1 ? "" : $"{Number(length / documents)} for each";

    private static string Count(long number, string what) => number == 1 ? $"1 {what}" : $"{Number(number)} {what}s";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>An object and its length in bytes.</summary>
internal sealed record StorageRow(string What, long Bytes, string Remark);
