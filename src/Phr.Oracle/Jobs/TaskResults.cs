namespace Phr.Oracle.Jobs;

internal static class TaskResults
{
    public static async Task<TOut> ContinueWithResult<TIn, TOut>(this Task<TIn> task, Func<TIn, TOut> map) => map(await task.ConfigureAwait(false));
}
