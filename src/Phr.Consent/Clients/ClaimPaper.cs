using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>A paper of a claim (evidence, an opinion, grounds, a finding), sealed to each party: the package whose digest the ledger records.</summary>
internal static class ClaimPaper
{
    /// <summary>The most actors to whom one paper is sealed.</summary>
    public const int MaxRecipients = 16;

    private const string Stage = "claim paper";
    private const string Tag = "phr/claim-paper/v1";
    private const int MaxBlockLength = 1 << 20;

    public static Digest CommitTo(Digest salt, ReadOnlySpan<byte> content) => SaltedCommitment.Compute("claim-evidence", salt, content);

    /// <summary>Seals a paper. The claim's own salt stands for the claim, whose id depends on its evidence.</summary>
    public static byte[] Seal(Digest claimSalt, Digest salt, ReadOnlySpan<byte> content, IdentityKeys sender, LedgerId ledger, IReadOnlyList<(ActorId Id, PublicKey Key)> recipients)
    {
        byte[] plaintext = new CanonicalCborWriter().Array(2).Id(salt).Bytes(content).EndArray().ToBytes();
        var writer = new CanonicalCborWriter();
        writer.Array(3).Text(Tag).Bytes(sender.PublicKeys.ObjectKey.ToBytes()).Array(recipients.Count);
        foreach ((ActorId id, PublicKey key) in recipients)
        {
            writer.Array(2).Id(id).Bytes(Envelope.Seal(key, sender.Id, sender.PublicKeys.ObjectKey, Context(ledger, claimSalt, id), plaintext)).EndArray();
        }

        return writer.EndArray().EndArray().ToBytes();
    }

    /// <summary>To whom a package is sealed, in its order.</summary>
    public static IReadOnlyList<ActorId> ListRecipients(ReadOnlyMemory<byte> package) => [.. Read(package).Envelopes.Select(part => part.Id)];

    /// <summary>Opens the part that is sealed to one recipient.</summary>
    public static (Digest Salt, byte[] Content) Open(ReadOnlyMemory<byte> package, Digest claimSalt, ActorId sender, LedgerId ledger, ActorId recipient, SecretKey envelopeKey)
    {
        (PublicKey senderKey, IReadOnlyList<(ActorId Id, byte[] Envelope)> parts) = Read(package);
        byte[] envelope = parts.LastOrDefault(part => part.Id == recipient).Envelope ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, "it holds nothing for this recipient.");
        using EnvelopeContent content = Envelope.Open(envelopeKey, sender, senderKey, Context(ledger, claimSalt, recipient), envelope);
        byte[] opened = content.Bytes.ToArray();
        var inner = new CanonicalCborReader(Stage, opened, ClaimClient.MaxPaperLength + 64);
        inner.BeginArray(2);
        Digest salt = inner.Digest();
        byte[] value = inner.Bytes(ClaimClient.MaxPaperLength);
        inner.EndArray();
        inner.End();
        return (salt, value);
    }

    private static (PublicKey Sender, IReadOnlyList<(ActorId Id, byte[] Envelope)> Envelopes) Read(ReadOnlyMemory<byte> package)
    {
        var reader = new CanonicalCborReader(Stage, package, MaxBlockLength);
        reader.BeginArray(3);
        reader.Expect(Tag);
        PublicKey senderKey = reader.PublicKey();
        int count = reader.BeginList(MaxRecipients);
        var envelopes = new List<(ActorId, byte[])>(count);
        for (int i = 0; i < count; i++)
        {
            reader.BeginArray(2);
            envelopes.Add((reader.ActorId(), reader.Bytes(MaxBlockLength)));
            reader.EndArray();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        return (senderKey, envelopes);
    }

    private static byte[] Context(LedgerId ledger, Digest claimSalt, ActorId recipient) =>
        new CanonicalCborWriter().Array(4).Text(Tag).Id(ledger).Id(claimSalt).Id(recipient).EndArray().ToBytes();
}
