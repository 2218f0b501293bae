using System.Security.Cryptography;
using Phr.Crypto;

namespace Phr.Benchmarks.Scenes;

/// <summary>One sender, one recipient, a plaintext of 100 bytes.</summary>
internal sealed class EnvelopeScene : IDisposable
{
    private readonly SecretKey _recipient = SecretKey.Generate();
    private readonly SecretKey _sender = SecretKey.Generate();
    private readonly byte[] _context = RandomNumberGenerator.GetBytes(64);
    private readonly byte[] _plaintext = RandomNumberGenerator.GetBytes(100);
    private readonly byte[] _envelope;
    private readonly ActorId _senderId;

    public EnvelopeScene()
    {
        _senderId = ActorId.FromPublicKey(_sender.PublicKey);
        _ = _recipient.PublicKey;
        _envelope = Seal();
    }

    public byte[] Seal() => Envelope.Seal(_recipient.PublicKey, _senderId, _sender.PublicKey, _context, _plaintext);

    public void Open() => Envelope.Open(_recipient, _senderId, _sender.PublicKey, _context, _envelope).Dispose();

    public void Dispose()
    {
        _recipient.Dispose();
        _sender.Dispose();
    }
}
