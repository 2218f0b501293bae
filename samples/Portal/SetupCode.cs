using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>The code, printed on the console, with which the first two accounts are made: the cloud server's operator and the regulatory agency.</summary>
public sealed class SetupCode
{
    /// <summary>The code of this start.</summary>
    public string Code { get; } = RandomNumberGenerator.GetString("ABCDEFGHJKMNPQRSTUVWXYZ23456789", 16);

    /// <summary>Whether the portal has no operator yet.</summary>
    public static async Task<bool> IsOpenAsync(PortalDb db)
    {
        ArgumentNullException.ThrowIfNull(db);
        return !await db.Users.AnyAsync(u => u.Role == PortalRole.CloudServer);
    }

    /// <summary>Whether somebody typed the code.</summary>
    public bool Matches(string? typed) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Code), Encoding.UTF8.GetBytes(typed?.Trim().ToUpperInvariant() ?? string.Empty));
}
