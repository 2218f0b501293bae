using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

namespace Phr.Crypto;

/// <summary>
/// The asking member's side of opening together: takes the others' answers, names whoever answers wrongly, and combines as many as the
/// threshold, its own included, in the exponent. The team's key and the shares stay where they are.
/// </summary>
/// <remarks>Secret; wiped when disposed. Not thread safe. Source: Desmedt and Frankel, "Threshold cryptosystems" (1989), with the proofs of Shoup and Gennaro (1998).</remarks>
/// <example>The region <c>team-story</c> of the test <c>TeamStoryTests</c> founds a team and opens; <c>docs/algorithms/teams.md</c> shows it.</example>
[DebuggerDisplay("TeamOpening")]
public sealed class TeamOpening : IDisposable
{
    private readonly TeamOpeningRequest _request;
    private readonly TeamCharter _charter;
    private readonly TeamShares _shares;
    private readonly SecretKey _replyKey;
    private readonly SortedDictionary<int, IReadOnlyList<PublicKey>> _partials = [];
    private readonly List<TeamFault> _faults = [];
    private SecretKey? _requestKey;

    /// <summary>Begins to take answers.</summary>
    /// <param name="request">The question.</param>
    /// <param name="charter">The charter that it names.</param>
    /// <param name="asker">The asking member's keys, its shares under the charter, and the request's own secret if it has it already. The caller keeps and disposes them.</param>
    /// <param name="replyKey">The secret of the question's reply key; the caller keeps and disposes it.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">Keys, shares or secrets are others than the question's.</exception>
    /// <exception cref="PhrDataException">The question fails <see cref="TeamOpeningRequest.Verify"/>.</exception>
    public TeamOpening(TeamOpeningRequest request, TeamCharter charter, TeamHelper asker, SecretKey replyKey)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(charter);
        ArgumentNullException.ThrowIfNull(asker);
        ArgumentNullException.ThrowIfNull(replyKey);
        request.Verify(charter);
        asker.Shares.RequireOf(charter);
        if (request.Member != asker.Identity.Id || charter.FindMember(request.Member)!.Index != asker.Shares.Index || request.ReplyKey != replyKey.PublicKey)
        {
            throw new ArgumentException("The question is another member's, or has another reply key.", nameof(asker));
        }

        _request = request;
        _charter = charter;
        _shares = asker.Shares;
        _replyKey = replyKey;
        TeamKey key = charter.FindKey(request.KeyEpoch)!;
        RequestPart = TeamRequestKey.RequestPart(key.PublicKey, request.ReceivingKey)
            ?? throw new ArgumentException("The receiving key is the team's own and not a request's.", nameof(request));
        if (asker.RequestKey is { } own)
        {
            _requestKey = own.PublicKey == RequestPart ? new SecretKey(own.Scalar) : throw new ArgumentException("The secret is not the request's.", nameof(asker));
        }
    }

    /// <summary>Who answered wrongly.</summary>
    public IReadOnlyList<TeamFault> Faults => _faults;

    /// <summary>The request's own secret, given or handed on by a member; null while nobody did. Owned by this object.</summary>
    public SecretKey? RequestKey => _requestKey;

    private PublicKey RequestPart { get; }

    /// <summary>Takes a member's answer. One that does not open, is for another question or is not proved names its member in <see cref="Faults"/>.</summary>
    /// <param name="member">Whose answer it is.</param>
    /// <param name="sealedPartial">What <see cref="TeamPartial.Answer(TeamOpeningRequest, TeamCharter, TeamHelper)"/> gave.</param>
    /// <returns>Whether it was good. A second one of the same member is ignored.</returns>
    public bool Add(ActorId member, ReadOnlySpan<byte> sealedPartial)
    {
        if (_charter.FindMember(member) is not { } helper)
        {
            _faults.Add(new TeamFault(member, PhrDataReason.NotFound, "it is no member of the team."));
            return false;
        }

        if (helper.Index == _shares.Index || _partials.ContainsKey(helper.Index))
        {
            return true;
        }

        try
        {
            (TeamPartial partial, SecretKey? requestKey) = TeamPartial.Open(_request, _charter, helper, _replyKey, sealedPartial);
            _partials.Add(helper.Index, partial.Results);
            if (_requestKey is null)
            {
                _requestKey = requestKey;
            }
            else
            {
                requestKey?.Dispose();
            }

            return true;
        }
        catch (PhrDataException e)
        {
            _faults.Add(new TeamFault(member, e.Reason, e.Message));
            return false;
        }
    }

    /// <summary>Combines what is there.</summary>
    /// <param name="receiver">What takes the place of the receiving key's secret, or null. The caller disposes it.</param>
    /// <param name="missing">What is still missing, for a person; empty when it worked.</param>
    /// <returns>Whether enough members had answered well and the request's own secret is there.</returns>
    /// <exception cref="ObjectDisposedException">The shares or this object were disposed.</exception>
    /// <remarks>Cost: threshold + 2 multiplications per point.</remarks>
    public bool TryCombine([NotNullWhen(true)] out TeamReceiver? receiver, out string missing)
    {
        receiver = null;
        int threshold = _charter.Plan.Threshold;
        if (_partials.Count + 1 < threshold)
        {
            missing = $"{_partials.Count} other members answered well where {threshold - 1} must.";
            return false;
        }

        if (_requestKey is null)
        {
            missing = "no member who has the request's own secret answered: the one who asked, or one who opened before.";
            return false;
        }

        int[] helpers = [.. _partials.Keys.Take(threshold - 1)];
        int[] indices = [_shares.Index, .. helpers];
        Scalar share = _shares.Find(_request.KeyEpoch)!.Scalar;
        var points = new SharedPoints(_request.ReceivingKey);
        for (int i = 0; i < _request.Points.Count; i++)
        {
            PublicKey point = _request.Points[i].Point;
            Point[] partials = [point.Point * share, .. helpers.Select(h => _partials[h][i].Point)];
            Point shared = JointSharing.CombinePartials(indices, partials) + (point.Point * _requestKey.Scalar);
            points.TryAdd(point, shared);
        }

        receiver = new TeamReceiver(points);
        missing = string.Empty;
        return true;
    }

    /// <summary>Wipes the request's secret.</summary>
    public void Dispose() => _requestKey?.Dispose();

    /// <summary>The type's name; never a secret.</summary>
    /// <returns><c>TeamOpening</c>.</returns>
    public override string ToString() => nameof(TeamOpening);
}
