using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Phr.Consent.Fields;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>Who may ask at all: a tree of conditions over role, speciality, hospital, purpose and label, that the patient signs as part of the consent policy.</summary>
/// <remarks>
/// At most 8 levels deep and 64 nodes large. The ledger evaluates what it knows, every trustee's client the whole; an unknown fact leaves the result undetermined.
/// It is a policy that honest parties keep, not attribute-based encryption. Immutable and thread safe; equal when the encodings are.
/// </remarks>
public sealed partial class AccessRule : IEquatable<AccessRule>
{
    private const string Stage = "access rule";
    private const string Tag = "phr/access-rule/v1";

    private readonly Node _kind;
    private readonly int _count;
    private readonly AccessRule[] _children;
    private readonly string _code;
    private readonly ActorId _actor;

    private AccessRule(Node kind, int count, AccessRule[] children, string code = "", ActorId actor = default)
    {
        _kind = kind;
        _count = count;
        _children = children;
        _code = code;
        _actor = actor;
        Depth = 1 + (children.Length == 0 ? 0 : children.Max(child => child.Depth));
        Nodes = 1 + children.Sum(child => child.Nodes);
    }

    private enum Node
    {
        All = 1,
        AtLeast = 2,
        Role = 3,
        Speciality = 4,
        Hospital = 5,
        Purpose = 6,
        Label = 7,
        Team = 8,
    }

    /// <summary>A rule that always holds: no condition beyond those that every ledger makes.</summary>
    public static AccessRule Anyone { get; } = new(Node.All, 0, []);

    /// <summary>How many levels the tree has, 1 to 8.</summary>
    public int Depth { get; }

    /// <summary>How many nodes the tree has, 1 to 64.</summary>
    public int Nodes { get; }

    /// <summary>Holds when every rule holds.</summary>
    /// <param name="rules">The rules; none means it always holds.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="rules"/> is null, or one of them is.</exception>
    /// <exception cref="ArgumentException">The tree would be too deep or too large.</exception>
    public static AccessRule All(params IReadOnlyList<AccessRule> rules) => Checked(new AccessRule(Node.All, 0, Copy(rules)));

    /// <summary>Holds when one of the rules holds.</summary>
    /// <param name="rules">At least one rule.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="rules"/> is null, or one of them is.</exception>
    /// <exception cref="ArgumentException">No rule is given, or the tree would be too deep or too large.</exception>
    public static AccessRule Any(params IReadOnlyList<AccessRule> rules) => AtLeast(1, rules);

    /// <summary>Holds when enough of the rules hold.</summary>
    /// <param name="count">How many must hold, from 1 to the number of rules.</param>
    /// <param name="rules">The rules.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="rules"/> is null, or one of them is.</exception>
    /// <exception cref="ArgumentException"><paramref name="count"/> is out of range, or the tree would be too deep or too large.</exception>
    public static AccessRule AtLeast(int count, params IReadOnlyList<AccessRule> rules)
    {
        AccessRule[] children = Copy(rules);
        return count >= 1 && count <= children.Length
            ? Checked(new AccessRule(Node.AtLeast, count, children))
            : throw new ArgumentException("The count lies between 1 and the number of rules.", nameof(count));
    }

    /// <summary>Holds for a requester with any of these roles.</summary>
    /// <param name="roles">One or more roles.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException"><paramref name="roles"/> is empty or holds an unknown role.</exception>
    public static AccessRule Role(ActorRoles roles) =>
        roles != ActorRoles.None && (roles & ~ActorRoles.All) == 0
            ? new AccessRule(Node.Role, (int)roles, [])
            : throw new ArgumentException("At least one known role is needed.", nameof(roles));

    /// <summary>Holds for a requester whose recorded licence names this speciality.</summary>
    /// <param name="code">1 to 64 printable ASCII characters without a space; compared exactly.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException"><paramref name="code"/> is not a code.</exception>
    public static AccessRule Speciality(string code) => new(Node.Speciality, 0, [], CheckCode(code));

    /// <summary>Holds for a requester whose recorded licence names this organisation.</summary>
    /// <param name="organisation">The organisation's id, not zero.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException"><paramref name="organisation"/> is zero.</exception>
    public static AccessRule Hospital(ActorId organisation) =>
        organisation.IsZero ? throw new ArgumentException("An organisation is needed.", nameof(organisation)) : new(Node.Hospital, 0, [], string.Empty, organisation);

    /// <summary>Holds when this team receives: a patient who trusts a ward names it once, and its members may change.</summary>
    /// <param name="team">The team's id, not zero.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException"><paramref name="team"/> is zero.</exception>
    public static AccessRule Team(ActorId team) =>
        team.IsZero ? throw new ArgumentException("A team is needed.", nameof(team)) : new(Node.Team, 0, [], string.Empty, team);

    /// <summary>Holds for a request for this purpose.</summary>
    /// <param name="purpose">The purpose; compared exactly, so that a general purpose does not imply a special one.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException"><paramref name="purpose"/> is the default value.</exception>
    public static AccessRule Purpose(PurposeOfUse purpose) =>
        purpose == default ? throw new ArgumentException("A purpose is needed.", nameof(purpose)) : new(Node.Purpose, 0, [], purpose.Code);

    /// <summary>Holds when every requested document carries this label.</summary>
    /// <param name="code">1 to 64 printable ASCII characters without a space; compared exactly.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="ArgumentException"><paramref name="code"/> is not a code.</exception>
    public static AccessRule Label(string code) => new(Node.Label, 0, [], CheckCode(code));

    /// <summary>Reads a rule.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote.</param>
    /// <returns>The rule.</returns>
    /// <exception cref="PhrDataException">The bytes are not a rule in canonical form.</exception>
    public static AccessRule FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CanonicalCborReader(Stage, bytes, LedgerLimits.RuleLength);
        reader.BeginArray(2);
        reader.Expect(Tag);
        AccessRule rule = Read(reader);
        reader.EndArray();
        reader.End();
        return rule;
    }

    /// <summary>Reads a rule, without an exception.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote.</param>
    /// <param name="rule">The rule, or null.</param>
    /// <returns>Whether the bytes were a rule in canonical form.</returns>
    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out AccessRule? rule)
    {
        try
        {
            rule = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            rule = null;
            return false;
        }
    }

    /// <summary>Writes the canonical encoding: CBOR, <c>["phr/access-rule/v1", node]</c>, a node being <c>[kind, …]</c>.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes()
    {
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(2).Text(Tag);
        Write(writer);
        return writer.EndArray().ToBytes();
    }

    /// <summary>Evaluates the rule.</summary>
    /// <param name="facts">What is known.</param>
    /// <returns>Permit, deny or undetermined, with the leaf to blame.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="facts"/> is null.</exception>
    /// <remarks>Cost: at most one visit of each node.</remarks>
    public AccessDecision Evaluate(AccessFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        return Evaluate(facts, string.Empty);
    }

    /// <inheritdoc/>
    public bool Equals(AccessRule? other) =>
        other is not null && _kind == other._kind && _count == other._count && _actor == other._actor
        && string.Equals(_code, other._code, StringComparison.Ordinal) && _children.AsSpan().SequenceEqual(other._children);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AccessRule);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_kind, _count, _code.GetHashCode(StringComparison.Ordinal), _actor, _children.Length, Nodes);

    /// <summary>The rule in words, such as <c>all of (role is Doctor; purpose is TREAT)</c>.</summary>
    /// <returns>One line of text.</returns>
    public override string ToString() => _kind switch
    {
        Node.All when _children.Length == 0 => "anyone",
        Node.All => $"all of ({string.Join("; ", (object[])_children)})",
        Node.AtLeast when _count == 1 => $"any of ({string.Join("; ", (object[])_children)})",
        Node.AtLeast => string.Create(CultureInfo.InvariantCulture, $"at least {_count} of ({string.Join("; ", (object[])_children)})"),
        Node.Role => $"role is {(ActorRoles)_count}",
        Node.Speciality => $"speciality is {_code}",
        Node.Hospital => $"hospital is {_actor}",
        Node.Team => $"team is {_actor}",
        Node.Purpose => $"purpose is {_code}",
        _ => $"label is {_code}",
    };

    internal void Write(CanonicalCborWriter writer)
    {
        bool tree = _kind is Node.All or Node.AtLeast;
        writer.Array(_kind == Node.AtLeast ? 3 : 2).UInt64((ulong)_kind);
        if (_kind is Node.AtLeast or Node.Role)
        {
            writer.UInt64((ulong)_count);
        }
        else if (_kind is Node.Hospital or Node.Team)
        {
            writer.Id(_actor);
        }
        else if (!tree)
        {
            writer.Text(_code);
        }

        if (tree)
        {
            writer.Array(_children.Length);
            foreach (AccessRule child in _children)
            {
                child.Write(writer);
            }

            writer.EndArray();
        }

        writer.EndArray();
    }

    internal static AccessRule Read(CanonicalCborReader reader)
    {
        int budget = LedgerLimits.RuleNodes;
        return Read(reader, 1, ref budget);
    }

    private static AccessRule Read(CanonicalCborReader reader, int depth, ref int budget)
    {
        if (depth > LedgerLimits.RuleDepth || --budget < 0)
        {
            throw reader.Fault(PhrDataReason.TooLarge, $"a rule has at most {LedgerLimits.RuleDepth} levels and {LedgerLimits.RuleNodes} nodes.");
        }

        int items = reader.BeginList(3);
        var kind = (Node)reader.Int32((int)Node.Team);
        if (items != (kind == Node.AtLeast ? 3 : 2) || kind == 0)
        {
            throw reader.Fault(PhrDataReason.Malformed, "a node does not have the items of its kind.");
        }

        AccessRule rule;
        switch (kind)
        {
            case Node.Role:
                int roles = reader.Int32((int)ActorRoles.All);
                rule = roles == 0 ? throw reader.Fault(PhrDataReason.OutOfRange, "a role condition names no role.") : new(kind, roles, []);
                break;
            case Node.Hospital or Node.Team:
                ActorId actor = reader.ActorId();
                rule = actor.IsZero ? throw reader.Fault(PhrDataReason.OutOfRange, "a hospital or team condition names none.") : new(kind, 0, [], string.Empty, actor);
                break;
            case Node.All or Node.AtLeast:
                int count = kind == Node.AtLeast ? reader.Int32(LedgerLimits.RuleNodes) : 0;
                var children = new AccessRule[reader.BeginList(LedgerLimits.RuleNodes)];
                for (int i = 0; i < children.Length; i++)
                {
                    children[i] = Read(reader, depth + 1, ref budget);
                }

                reader.EndArray();
                rule = kind == Node.AtLeast && (count < 1 || count > children.Length)
                    ? throw reader.Fault(PhrDataReason.OutOfRange, "a count does not lie between 1 and the number of rules.")
                    : new(kind, count, children);
                break;
            default:
                string code = reader.Text(LedgerLimits.CodeLength);
                bool valid = kind == Node.Purpose ? PurposeOfUse.TryParse(code, out _) : FieldMap.IsCode(code, LedgerLimits.CodeLength);
                rule = valid ? new(kind, 0, [], code) : throw reader.Fault(PhrDataReason.Malformed, "a condition does not name a code.");
                break;
        }

        reader.EndArray();
        return rule;
    }

    private AccessDecision Evaluate(AccessFacts facts, string path)
    {
        bool? holds = _kind switch
        {
            Node.Role => facts.Roles is { } roles ? (roles & (ActorRoles)_count) != 0 : null,
            Node.Speciality => facts.Speciality is { } code ? string.Equals(code, _code, StringComparison.Ordinal) : null,
            Node.Hospital => facts.Hospital is { } hospital ? hospital == _actor : null,
            Node.Team => facts.Team is { } team ? team == _actor : null,
            Node.Purpose => facts.Purpose is { } purpose ? string.Equals(purpose.Code, _code, StringComparison.Ordinal) : null,
            Node.Label => facts.Labels is { } labels ? labels.Contains(_code, StringComparer.Ordinal) : null,
            _ => null,
        };
        if (_kind is not (Node.All or Node.AtLeast))
        {
            return holds == true
                ? AccessDecision.Permitted
                : new AccessDecision(holds is null ? AccessOutcome.Undetermined : AccessOutcome.Deny, new AccessRuleLeaf(path.Length == 0 ? "/" : path, ToString()));
        }

        int needed = _kind == Node.All ? _children.Length : _count;
        int permits = 0;
        int unknown = 0;
        AccessRuleLeaf? denied = null;
        AccessRuleLeaf? open = null;
        for (int i = 0; i < _children.Length; i++)
        {
            AccessDecision decision = _children[i].Evaluate(facts, string.Create(CultureInfo.InvariantCulture, $"{path}/{i}"));
            permits += decision.Outcome == AccessOutcome.Permit ? 1 : 0;
            unknown += decision.Outcome == AccessOutcome.Undetermined ? 1 : 0;
            denied ??= decision.Outcome == AccessOutcome.Deny ? decision.FailingLeaf : null;
            open ??= decision.Outcome == AccessOutcome.Undetermined ? decision.FailingLeaf : null;
        }

        return permits >= needed ? AccessDecision.Permitted
            : permits + unknown < needed ? new AccessDecision(AccessOutcome.Deny, denied)
            : new AccessDecision(AccessOutcome.Undetermined, open);
    }

    private static string CheckCode(string code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return FieldMap.IsCode(code, LedgerLimits.CodeLength)
            ? code
            : throw new ArgumentException("A code has 1 to 64 printable ASCII characters without a space.", nameof(code));
    }

    private static AccessRule[] Copy(IReadOnlyList<AccessRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        AccessRule[] copy = [.. rules];
        foreach (AccessRule rule in copy)
        {
            ArgumentNullException.ThrowIfNull(rule, nameof(rules));
        }

        return copy;
    }

    private static AccessRule Checked(AccessRule rule) =>
        rule.Depth <= LedgerLimits.RuleDepth && rule.Nodes <= LedgerLimits.RuleNodes
            ? rule
            : throw new ArgumentException($"A rule has at most {LedgerLimits.RuleDepth} levels and {LedgerLimits.RuleNodes} nodes.");
}
