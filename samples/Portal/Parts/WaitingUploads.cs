using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>
/// Which uploads are looked at in a turn of the housekeeping, where more wait than fit into one. Those of patients who are here come first: one of each, then the second of each, and the next time where each patient's left off.
/// Those of the others, for whom trustees who are here can do something, are gone through in turn. So nobody's uploads, however many are stuck, keep others waiting.
/// </summary>
internal sealed class WaitingUploads(int most)
{
    private readonly Dictionary<int, (int Last, long Turn)> _served = [];
    private long _turn;
    private int _lastOfOthers;

    /// <summary>Takes the next ones, at most so many of patients who are here, and as many of others.</summary>
    public async Task<List<SealedBundle>> TakeAsync(PortalDb db, IQueryable<SealedBundle> waiting, int[] here, CancellationToken cancellationToken)
    {
        var own = await waiting.Where(b => here.Contains(b.PatientId)).Select(b => new { b.PatientId, b.Id }).ToListAsync(cancellationToken);
        int[] ids = [.. Deal(own.ToLookup(b => b.PatientId, b => b.Id))];
        List<SealedBundle> rows = ids.Length == 0 ? [] : await waiting.Where(b => ids.Contains(b.Id)).ToListAsync(cancellationToken);
        rows.Sort((one, other) => Array.IndexOf(ids, one.Id).CompareTo(Array.IndexOf(ids, other.Id)));

        IQueryable<SealedBundle> others = waiting.Where(b => !here.Contains(b.PatientId) && db.Trusteeships.Any(t => t.PatientId == b.PatientId && here.Contains(t.TrusteeId))).OrderBy(b => b.Id);
        List<SealedBundle> more = await others.Where(b => b.Id > _lastOfOthers).Take(most).ToListAsync(cancellationToken);
        if (more.Count < most)
        {
            int left = most - more.Count, from = _lastOfOthers;
            more.AddRange(await others.Where(b => b.Id <= from).Take(left).ToListAsync(cancellationToken));
        }

        _lastOfOthers = more.Count < most ? 0 : more[^1].Id;
        return [.. rows, .. more];
    }

    private List<int> Deal(ILookup<int, int> waiting)
    {
        _turn++;
        foreach (int gone in _served.Keys.Where(patient => !waiting.Contains(patient)).ToList())
        {
            _served.Remove(gone);
        }

        // Whoever was served longest ago is first. Each patient's are gone through from where they left off, and then from the beginning.
        List<(int Patient, Queue<int> Uploads)> hands =
        [
            .. from of in waiting
               let before = _served.GetValueOrDefault(of.Key)
               orderby before.Turn
               select (of.Key, new Queue<int>(of.OrderBy(id => id <= before.Last).ThenBy(id => id))),
        ];
        var dealt = new List<int>();
        while (dealt.Count < most && hands.Count > 0)
        {
            foreach ((int patient, Queue<int> uploads) in hands.Take(most - dealt.Count).ToList())
            {
                int next = uploads.Dequeue();
                dealt.Add(next);
                _served[patient] = (next, _turn);
            }

            hands.RemoveAll(hand => hand.Uploads.Count == 0);
        }

        return dealt;
    }
}
