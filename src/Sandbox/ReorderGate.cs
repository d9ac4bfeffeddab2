namespace PayRecharge.Sandbox;

/// <summary>Lets every second comer overtake the first: holds one notification until another order's has been sent.</summary>
internal sealed class ReorderGate(TimeProvider clock)
{
    // Shorter than the shortest step of the schedule, so that an order's own attempts stay apart.
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
