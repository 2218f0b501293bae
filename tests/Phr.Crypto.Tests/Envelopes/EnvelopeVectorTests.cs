using System.Text;

namespace Phr.Crypto.Tests.Envelopes;

/// <summary>Runs <c>tests/vectors/envelopes</c>. With <c>PHR_WRITE_VECTORS=1</c> the file is written anew first.</summary>
public class EnvelopeVectorTests
{
    public static TheoryData<string> Names => [.. EnvelopeVectorFile.Read().Cases.Select(c => c.Name)];

    [Fact]
    public void File_Generator_WritesWhatIsCommitted()
    {
        string made = EnvelopeVectorGenerator.Make().ToJson();
        if (Environment.GetEnvironmentVariable("PHR_WRITE_VECTORS") == "1")
        {
            File.WriteAllText(EnvelopeVectorFile.Path, made, new UTF8Encoding(false));
        }

        Assert.Equal(File.ReadAllText(EnvelopeVectorFile.Path), made);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_CommittedCase_EndsAsItExpects(string name)
    {
        EnvelopeVector vector = EnvelopeVectorFile.Read().Cases.Single(c => c.Name == name);
        using var recipient = SecretKey.FromBytes(Convert.FromHexString(vector.RecipientSecret));
        ActorId senderId = ActorId.Parse(vector.SenderId);
        PublicKey senderKey = PublicKey.FromBytes(Convert.FromHexString(vector.SenderKey));
        byte[] context = Convert.FromHexString(vector.Context);
        byte[] envelope = Convert.FromHexString(vector.Envelope);

        Envelope.Fault fault = Envelope.Open(recipient, senderId, senderKey, context, envelope, out EnvelopeContent? content);
        Assert.Equal(vector.Stage ?? "none", fault.ToString().ToLowerInvariant());
        using (content)
        {
            Assert.Equal(vector.Plaintext, content is null ? null : Convert.ToHexStringLower(content.Bytes));
        }

        Assert.Equal(vector.Expect == "ok", Envelope.TryOpen(recipient, senderId, senderKey, context, envelope, out EnvelopeContent? again));
        again?.Dispose();
        if (vector.Expect != "ok")
        {
            PhrDataException e = Assert.Throws<PhrDataException>(() => Envelope.Open(recipient, senderId, senderKey, context, envelope));
            Assert.Equal((vector.Expect, "envelope"), (e.Reason.ToString(), e.Stage));
        }
    }
}
