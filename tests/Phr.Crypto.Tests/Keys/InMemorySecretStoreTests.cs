namespace Phr.Crypto.Tests.Keys;

public sealed class InMemorySecretStoreTests : SecretStoreContract
{
    protected override ISecretStore Store { get; } = new InMemorySecretStore();
}
