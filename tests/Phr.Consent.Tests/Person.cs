using System.Collections.Concurrent;
using System.Security.Cryptography;
using Phr.Crypto;

namespace Phr.Consent.Tests;

/// <summary>An actor of the tests, with the ledger key that its name stands for.</summary>
internal sealed class Person
{
    private static readonly ConcurrentDictionary<string, Person> Cast = new();

    private Person(string name)
    {
        Name = name;
        Key = SecretKey.FromBytes(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)));
        Id = ActorId.FromPublicKey(Key.PublicKey);
    }

    public string Name { get; }

    public SecretKey Key { get; }

    public ActorId Id { get; }

    public static Person Named(string name) => Cast.GetOrAdd(name, static n => new Person(n));

    public override string ToString() => Name;
}
