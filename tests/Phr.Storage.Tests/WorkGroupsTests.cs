using Phr.Shared;

namespace Phr.Storage.Tests;

/// <summary>Work that is done in groups: who is told what, whatever comes between.</summary>
public sealed class WorkGroupsTests
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task DoAsync_ComesAfterAGroupThatWasLeftEmpty_IsDoneAndNotFailedInItsPlace()
    {
        var isEmpty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        WorkGroups<int, int> groups = Groups(async take =>
        {
            IReadOnlyList<WorkGroups<int, int>.Member> group = take();
            if (group.Count == 0)
            {
                isEmpty.SetResult();
                await end.Task;
            }

            return group;
        });
        using var cancel = new CancellationTokenSource();
        Task<int> withdrawn = groups.DoAsync(1, cancel.Token);
        await _begun.Task;
        await cancel.CancelAsync();
        _goOn.SetResult();
        await isEmpty.Task;
        Task<int> later = groups.DoAsync(2, default);
        end.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withdrawn);
        Assert.Equal(2, await later);
    }

    [Fact]
    public async Task DoAsync_ComesWhileTheOnlyOneWithdrawsAndTheGroupFails_IsInTheNextOne()
    {
        bool fails = true;
        WorkGroups<int, int> groups = Groups(take => fails && !(fails = false) ? throw new TimeoutException() : Task.FromResult(take()));
        using var cancel = new CancellationTokenSource();
        Task<int> withdrawn = groups.DoAsync(1, cancel.Token);
        await _begun.Task;
        await cancel.CancelAsync();
        Task<int> later = groups.DoAsync(2, default);
        _goOn.SetResult();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => withdrawn);
        Assert.Equal(2, await later);
    }

    [Fact]
    public async Task DoAsync_GroupThatCannotBegin_FailsThoseWhoWaitedForIt()
    {
        bool fails = true;
        WorkGroups<int, int> groups = Groups(take => fails && !(fails = false) ? throw new TimeoutException("planted") : Task.FromResult(take()));
        Task<int> first = groups.DoAsync(1, default);
        await _begun.Task;
        Task<int> second = groups.DoAsync(2, default);
        _goOn.SetResult();
        Assert.Equal("planted", (await Assert.ThrowsAsync<TimeoutException>(() => first)).Message);
        Assert.Equal(2, await second);
    }

    [Fact]
    public async Task DoAsync_ManyThatComeAndWithdraw_AreEachDoneOnceOrNotAtAll()
    {
        var done = new System.Collections.Concurrent.ConcurrentBag<int>();
        _goOn.SetResult();
        WorkGroups<int, int> groups = Groups(async take =>
        {
            await Task.Yield();
            IReadOnlyList<WorkGroups<int, int>.Member> group = take();
            foreach (WorkGroups<int, int>.Member member in group)
            {
                done.Add(member.Work);
            }

            return group;
        });
        int[] told = [.. (await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(async () =>
        {
            using var cancel = new CancellationTokenSource();
            Task<int> work = groups.DoAsync(i, cancel.Token);
            if (i % 3 == 0)
            {
                await cancel.CancelAsync();
            }

            try
            {
                return await work;
            }
            catch (OperationCanceledException) when (i % 3 == 0)
            {
                return -1;
            }
        })))).Where(i => i >= 0)];
        Assert.Equal(told.Order(), done.Order());
        Assert.Subset(told.ToHashSet(), Enumerable.Range(0, 2000).Where(i => i % 3 != 0).ToHashSet());
    }

    // Each group's work is its result. The first group waits until the test goes on.
    private WorkGroups<int, int> Groups(Func<Func<IReadOnlyList<WorkGroups<int, int>.Member>>, Task<IReadOnlyList<WorkGroups<int, int>.Member>>> act) => new(
        async take =>
        {
            _begun.TrySetResult();
            await _goOn.Task;
            foreach (WorkGroups<int, int>.Member member in await act(take))
            {
                member.Complete(member.Work);
            }
        },
        largest: 16);
}
