using System.Text;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>The hasher against the example that EIP-712 publishes (its Mail message and test key), so that the encoder is proven by vectors nobody here made.</summary>
public class Eip712Tests
{
    private static readonly LedgerId EtherMail = new(1, ActorId.Parse("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"));

    private static readonly Mail Example = new(
        new Person("Cow", ActorId.Parse("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826")),
        new Person("Bob", ActorId.Parse("0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB")),
        "Hello, Bob!");

    [Fact]
    public void EncodeType_PublishedExample_IsEqual() =>
        Assert.Equal("Mail(Person from,Person to,string contents)Person(string name,address wallet)", TypedDataHasher.Of(Example).EncodeType());

    [Fact]
    public void TypeHash_PublishedExample_IsEqual() =>
        Assert.Equal(
            "a0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2",
            Convert.ToHexStringLower(Keccak256.HashData(Encoding.UTF8.GetBytes(TypedDataHasher.Of(Example).EncodeType()))));

    [Fact]
    public void HashStruct_PublishedExample_IsEqual() =>
        Assert.Equal("c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e", Convert.ToHexStringLower(TypedDataHasher.Of(Example).HashStruct()));

    [Fact]
    public void DomainSeparator_PublishedExample_IsEqual() =>
        Assert.Equal(
            "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f",
            Convert.ToHexStringLower(TypedDataHasher.DomainSeparator("Ether Mail", "1", EtherMail)));

    [Fact]
    public void Digest_PublishedExample_IsEqualAndSignsAsPublished()
    {
        byte[] digest = TypedDataHasher.Digest(TypedDataHasher.DomainSeparator("Ether Mail", "1", EtherMail), TypedDataHasher.Of(Example).HashStruct());
        Assert.Equal("be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2", Convert.ToHexStringLower(digest));

        using var cow = SecretKey.FromBytes(Keccak256.HashData("cow"u8));
        RecoverableSignature signature = cow.SignDigest(digest);
        Assert.Equal(
            "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b91562",
            Convert.ToHexStringLower(signature.Signature.ToBytes()));
        Assert.Equal(28, signature.RecoveryId + 27);
        Assert.Equal(Example.From.Wallet, ActorId.FromPublicKey(cow.PublicKey));
    }

    [Fact]
    public void TypedDataType_OfACommand_NamesItsMembers()
    {
        using SecretKey key = SampleFiller.SampleKey(1);
        var veto = new VetoRequest { Actor = ActorId.FromPublicKey(key.PublicKey), RequestId = RequestId.FromBytes(new byte[32]) };
        Assert.Equal("VetoRequest(address actor,uint64 nonce,bytes32 requestId)", SignedCommand.Sign(veto, 0, EtherMail, key).TypedDataType());
    }

    private sealed record Person(string Name, ActorId Wallet) : IMapped<Person>
    {
        string IMapped<Person>.TypeName => nameof(Person);

        Person IMapped<Person>.Map(FieldMap map) => new(map.Code("name", Name, 64), map.Actor("wallet", Wallet));
    }

    private sealed record Mail(Person From, Person To, string Contents) : IMapped<Mail>
    {
        string IMapped<Mail>.TypeName => nameof(Mail);

        Mail IMapped<Mail>.Map(FieldMap map) => new(map.Nested("from", From), map.Nested("to", To), map.Code("contents", Contents, 64));
    }
}
