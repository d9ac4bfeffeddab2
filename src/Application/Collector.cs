namespace PayRecharge.Application;

/// <summary>
/// Lets questions that come while the database is being asked share the next call to it. Who finds it free asks at once, alone; there
/// is no timer, and no answer is older than its question. The busier it gets, the more share a call.
/// </summary>
/// <param name="most">How many questions a call takes at most.</param>
/// <param name="ask">Answers questions in their order, and bounds its own time: only one who asks alone can cancel it.</param>
/// <param name="atOnce">How many such calls there are at the same time at most.</param>
/// <remarks>
/// A call that fails is made again for each of its questions alone, side by side and beside the next call: an error reaches only
/// those it concerns, and so does the wait for it.
/// </remarks>
public sealed class Collector<TQuestion, TAnswer>(int most, Func<IReadOnlyList<TQuestion>, CancellationToken, Task<IReadOnlyList<TAnswer>>> ask, int atOnce = 1)
{
    private readonly Lock _gate = new();
    private readonly Queue<Waiter> _waiting = new();
    private int _calls;

    /// <summary>Asks, alone or with others.</summary>
    /// <exception cref="OperationCanceledException">The asker gave up; the others are answered all the same.</exception>
    public async Task<TAnswer> AskAsync(TQuestion question, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new Waiter(question, cancellationToken);
        bool first;
        lock (_gate)
        {
            first = _calls < atOnce;
            if (first) _calls++;
            else _waiting.Enqueue(waiter);
        }
        if (first) _ = CallAsync([waiter]);
        return await waiter.Answer.Task.WaitAsync(cancellationToken);
    }

    private async Task CallAsync(Waiter[] waiters)
    {
        try
        {
            await AnswerAsync(waiters);
        }
        catch (Exception) when (waiters.Length > 1)
        {
            foreach (var waiter in waiters.Where(w => !w.HasLeft)) _ = AnswerAloneAsync(waiter);
        }
        catch (Exception exception)
        {
            waiters[0].Answer.TrySetException(exception);
        }
        // Whoever asks is not kept for those who came after.
        if (TakeNext() is { Length: > 0 } next) ThreadPool.UnsafeQueueUserWorkItem(static c => _ = c.Collector.CallAsync(c.Next), (Collector: this, Next: next), preferLocal: false);
    }

    private async Task AnswerAloneAsync(Waiter waiter)
    {
        try
        {
            await AnswerAsync([waiter]);
        }
        catch (Exception exception)
        {
            waiter.Answer.TrySetException(exception);
        }
    }

    private async Task AnswerAsync(Waiter[] waiters)
    {
        var answers = await ask(Array.ConvertAll(waiters, w => w.Question), waiters is [var one] ? one.Cancellation : CancellationToken.None);
        for (var i = 0; i < waiters.Length; i++) waiters[i].Answer.TrySetResult(answers[i]);
    }

    private Waiter[] TakeNext()
    {
        lock (_gate)
        {
            var next = new List<Waiter>(Math.Min(most, _waiting.Count));
            while (next.Count < most && _waiting.TryDequeue(out var waiter))
            {
                if (!waiter.HasLeft) next.Add(waiter);
            }
            if (next.Count == 0) _calls--;
            return [.. next];
        }
    }

    private sealed class Waiter(TQuestion question, CancellationToken cancellation)
    {
        public TQuestion Question => question;
        public CancellationToken Cancellation => cancellation;
        public bool HasLeft => cancellation.IsCancellationRequested;

        /// <summary>Goes on elsewhere: the one who answers has others to answer.</summary>
        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
