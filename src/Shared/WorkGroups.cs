namespace Phr.Shared;

/// <summary>
/// Work of many callers, done by one of them at a time and in groups: what comes while a group is being done is the next group. So a lock is taken, a transaction ended and a disk synced
/// once for all of a group, and a caller who is alone waits for nobody.
/// </summary>
/// <remarks>
/// Groups have what is waiting in the order in which it came. Work that was taken into a group is finished; before that its caller may withdraw it. Thread safe. Source: group commit, DeWitt
/// et al., "Implementation techniques for main memory database systems" (1984).
/// </remarks>
/// <typeparam name="TWork">What is to be done.</typeparam>
/// <typeparam name="TResult">What comes of it.</typeparam>
/// <param name="act">Does a group: gets ready, calls what it was given to take the group, and completes or fails each member. What it throws fails every member that has no outcome yet, and those that waited for it.</param>
/// <param name="largest">The most that a group has.</param>
/// <param name="goesAlone">What must be a group of its own; null for nothing.</param>
internal sealed class WorkGroups<TWork, TResult>(Func<Func<IReadOnlyList<WorkGroups<TWork, TResult>.Member>>, Task> act, int largest, Func<TWork, bool>? goesAlone = null)
{
    private readonly Queue<Member> _waiting = new();
    private bool _isActing;

    /// <summary>Hands work in and waits until its group is done.</summary>
    /// <param name="work">What is to be done.</param>
    /// <param name="cancellationToken">Withdraws the work if no group has it yet.</param>
    /// <returns>What came of it.</returns>
    public Task<TResult> DoAsync(TWork work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<TResult>(cancellationToken);
        }

        var member = new Member(work);
        bool start;
        lock (_waiting)
        {
            _waiting.Enqueue(member);
            start = !_isActing;
            _isActing = true;
        }

        if (start)
        {
            // Not in the caller's context: the next ones' work is done here too.
            ThreadPool.UnsafeQueueUserWorkItem(static groups => _ = groups.ActAsync(), this, preferLocal: false);
        }

        return cancellationToken.CanBeCanceled ? WaitAsync(member, cancellationToken) : member.Outcome;
    }

    private static async Task<TResult> WaitAsync(Member member, CancellationToken cancellationToken)
    {
        using (cancellationToken.UnsafeRegister(static (waiting, token) => ((Member)waiting!).Withdraw(token), member))
        {
            return await member.Outcome.ConfigureAwait(false);
        }
    }

    private async Task ActAsync()
    {
        while (CountWaiting() is > 0 and int waiting)
        {
            var group = new List<Member>();
            bool isTaken = false;
            Exception fault;
            try
            {
                await act(() =>
                {
                    Take(group);
                    isTaken = true;
                    return group;
                }).ConfigureAwait(false);
                fault = new InvalidOperationException("The work was not done.");
            }
            catch (Exception e)
            {
                fault = e;
            }

            if (!isTaken)
            {
                TakeFirst(group, waiting);
            }

            foreach (Member member in group)
            {
                member.Fail(fault);
            }
        }
    }

    // How many wait; when nobody does, the next one starts again.
    private int CountWaiting()
    {
        lock (_waiting)
        {
            while (_waiting.TryPeek(out Member? first) && first.IsWithdrawn)
            {
                _waiting.Dequeue();
            }

            _isActing = _waiting.Count > 0;
            return _waiting.Count;
        }
    }

    private void Take(List<Member> group)
    {
        lock (_waiting)
        {
            while (group.Count < largest && _waiting.TryPeek(out Member? next))
            {
                bool isAlone = goesAlone?.Invoke(next.Work) == true;
                if (isAlone && group.Count > 0)
                {
                    return;
                }

                _waiting.Dequeue();
                if (next.TryTake())
                {
                    group.Add(next);
                    if (isAlone)
                    {
                        return;
                    }
                }
            }
        }
    }

    // Those who waited for a group that never came to be, withdrawn ones counted: who came later has not waited for it, and is in the next one.
    private void TakeFirst(List<Member> group, int count)
    {
        lock (_waiting)
        {
            for (; count > 0 && _waiting.TryDequeue(out Member? next); count--)
            {
                if (next.TryTake())
                {
                    group.Add(next);
                }
            }
        }
    }

    /// <summary>Work that waits, or is being done.</summary>
    internal sealed class Member(TWork work)
    {
        private const int Waiting = 0;
        private const int Taken = 1;
        private const int Withdrawn = 2;

        private readonly TaskCompletionSource<TResult> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _phase = Waiting;

        /// <summary>What is to be done.</summary>
        public TWork Work => work;

        /// <summary>What came of it.</summary>
        public Task<TResult> Outcome => _outcome.Task;

        public bool IsWithdrawn => Volatile.Read(ref _phase) == Withdrawn;

        public void Complete(TResult result) => _outcome.TrySetResult(result);

        /// <summary>Lets the caller see a fault; without effect when there is an outcome.</summary>
        public void Fail(Exception fault) => _outcome.TrySetException(fault);

        internal bool TryTake() => Interlocked.CompareExchange(ref _phase, Taken, Waiting) == Waiting;

        internal void Withdraw(CancellationToken cancellationToken)
        {
            if (Interlocked.CompareExchange(ref _phase, Withdrawn, Waiting) == Waiting)
            {
                _outcome.TrySetCanceled(cancellationToken);
            }
        }
    }
}
