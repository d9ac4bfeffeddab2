namespace PayRecharge.Sandbox;

/// <summary>Swaps pairs of notifications: holds one until another order's has been sent.</summary>
internal sealed class ReorderGate(TimeProvider clock)
{
    // Shorter than the schedule's shortest step, so that two attempts of one order never meet here.
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(10);

    private TaskCompletionSource? held;

    public bool IsHolding => Volatile.Read(ref held) is not null;

    public async Task PassAsync(Func<Task> send, CancellationToken stopping)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var overtaken = Interlocked.CompareExchange(ref held, mine, null);
        if (overtaken is null)
        {
            await mine.Task.WaitAsync(LongestHold, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Interlocked.CompareExchange(ref held, null, mine);
        }

        await send();
        overtaken?.TrySetResult();
    }
}
