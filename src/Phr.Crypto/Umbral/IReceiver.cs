using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>Whoever can multiply by a receiving secret: the holder of the key, or a team whose members did it together.</summary>
internal interface IReceiver
{
    /// <summary>The receiving key.</summary>
    PublicKey PublicKey { get; }

    /// <summary>The point times the secret. It is as secret as what is opened with it.</summary>
    Point Multiply(Point point);
}
