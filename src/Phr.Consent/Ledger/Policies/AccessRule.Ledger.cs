using System.Globalization;
using System.Text;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

// The form in which a contract evaluates a rule: the tree in prefix order, a few bytes a node.
public sealed partial class AccessRule
{
    private const string LedgerStage = "access rule on the ledger";

    /// <summary>
    /// Writes the rule as the contract reads it, each node before its children: a byte for the kind, then for 1 all: the number of children; 2 at least: how many must hold, the number of children; 3 role: 2 bytes, big-endian;
    /// 4 speciality, 6 purpose, 7 label: the code's length and the code in ASCII; 5 hospital, 8 team: the 20 bytes of the id.
    /// </summary>
    /// <returns>A new array.</returns>
    public byte[] ToLedgerBytes()
    {
        var bytes = new List<byte>();
        WriteLedger(bytes);
        return [.. bytes];
    }

    /// <summary>Reads the form that the contract reads.</summary>
    /// <param name="bytes">What <see cref="ToLedgerBytes"/> wrote.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="PhrDataException">The bytes are not a rule.</exception>
    public static AccessRule FromLedgerBytes(ReadOnlyMemory<byte> bytes)
    {
        ReadOnlySpan<byte> rest = bytes.Span;
        int budget = LedgerLimits.RuleNodes;
        AccessRule rule = ReadLedger(ref rest, 1, ref budget);
        return rest.IsEmpty ? rule : throw new PhrDataException(LedgerStage, PhrDataReason.NonCanonical, "bytes follow its end.");
    }

    /// <summary>Reads the form that the contract reads, without an exception.</summary>
    /// <param name="bytes">What <see cref="ToLedgerBytes"/> wrote.</param>
    /// <param name="rule">The rule, or null.</param>
    /// <returns>Whether the bytes were a rule.</returns>
    public static bool TryFromLedgerBytes(ReadOnlyMemory<byte> bytes, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out AccessRule? rule)
    {
        try
        {
            rule = FromLedgerBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            rule = null;
            return false;
        }
    }

    /// <summary>The leaf at a place in prefix order, which is how the contract names the one that decided a refusal.</summary>
    /// <param name="place">The node's place, 0 for the root.</param>
    /// <returns>The leaf, or null when the rule has no such node.</returns>
    internal AccessRuleLeaf? FindNode(int place) => place < 0 ? null : FindNode(ref place, string.Empty);

    private AccessRuleLeaf? FindNode(ref int place, string path)
    {
        if (place-- == 0)
        {
            return new AccessRuleLeaf(path.Length == 0 ? "/" : path, ToString());
        }

        for (int i = 0; i < _children.Length; i++)
        {
            if (_children[i].FindNode(ref place, string.Create(CultureInfo.InvariantCulture, $"{path}/{i}")) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private void WriteLedger(List<byte> bytes)
    {
        bytes.Add((byte)_kind);
        switch (_kind)
        {
            case Node.All:
                bytes.Add((byte)_children.Length);
                break;
            case Node.AtLeast:
                bytes.Add((byte)_count);
                bytes.Add((byte)_children.Length);
                break;
            case Node.Role:
                bytes.Add((byte)(_count >> 8));
                bytes.Add((byte)_count);
                break;
            case Node.Hospital or Node.Team:
                bytes.AddRange(_actor.ToBytes());
                break;
            default:
                bytes.Add((byte)_code.Length);
                bytes.AddRange(Encoding.ASCII.GetBytes(_code));
                break;
        }

        foreach (AccessRule child in _children)
        {
            child.WriteLedger(bytes);
        }
    }

    private static AccessRule ReadLedger(ref ReadOnlySpan<byte> rest, int depth, ref int budget)
    {
        if (depth > LedgerLimits.RuleDepth || --budget < 0)
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.TooLarge, $"a rule has at most {LedgerLimits.RuleDepth} levels and {LedgerLimits.RuleNodes} nodes.");
        }

        var kind = (Node)Take(ref rest, 1)[0];
        switch (kind)
        {
            case Node.All or Node.AtLeast:
                int count = kind == Node.AtLeast ? Take(ref rest, 1)[0] : 0;
                int length = Take(ref rest, 1)[0];
                if (length > budget)
                {
                    throw new PhrDataException(LedgerStage, PhrDataReason.TooLarge, $"a rule has at most {LedgerLimits.RuleNodes} nodes.");
                }

                if (kind == Node.AtLeast && (count < 1 || count > length))
                {
                    throw new PhrDataException(LedgerStage, PhrDataReason.OutOfRange, "a count does not lie between 1 and the number of rules.");
                }

                var children = new AccessRule[length];
                for (int i = 0; i < length; i++)
                {
                    children[i] = ReadLedger(ref rest, depth + 1, ref budget);
                }

                return new(kind, count, children);
            case Node.Role:
                ReadOnlySpan<byte> mask = Take(ref rest, 2);
                int roles = (mask[0] << 8) | mask[1];
                return roles is >= 1 and <= (int)ActorRoles.All ? new(kind, roles, []) : throw new PhrDataException(LedgerStage, PhrDataReason.OutOfRange, "a role condition names no role, or an unknown one.");
            case Node.Hospital or Node.Team:
                ActorId actor = ActorId.FromBytes(Take(ref rest, ActorId.Length));
                return actor.IsZero ? throw new PhrDataException(LedgerStage, PhrDataReason.OutOfRange, "a hospital or team condition names none.") : new(kind, 0, [], string.Empty, actor);
            case Node.Speciality or Node.Purpose or Node.Label:
                ReadOnlySpan<byte> ascii = Take(ref rest, Take(ref rest, 1)[0]);
                string code = ascii.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? string.Empty : Encoding.ASCII.GetString(ascii);
                bool valid = kind == Node.Purpose ? PurposeOfUse.TryParse(code, out _) : FieldMap.IsCode(code, LedgerLimits.CodeLength);
                return valid ? new(kind, 0, [], code) : throw new PhrDataException(LedgerStage, PhrDataReason.Malformed, "a condition does not name a code.");
            default:
                throw new PhrDataException(LedgerStage, PhrDataReason.Malformed, "a node is of no known kind.");
        }
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int length)
    {
        if (rest.Length < length)
        {
            throw new PhrDataException(LedgerStage, PhrDataReason.WrongLength, "it ends too early.");
        }

        ReadOnlySpan<byte> taken = rest[..length];
        rest = rest[length..];
        return taken;
    }
}
