using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Phr.Crypto.Secp256k1;

/// <summary>Room for the intermediate values of <see cref="LanePoint{TCurve}"/>, which the runtime would otherwise clear at every call.</summary>
internal struct LaneScratch
{
    public FieldLanes A, B, C, D, M, N;

    /// <summary>Wipes the values, when they came from secrets.</summary>
    public void Clear() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref this, 1)));
}
