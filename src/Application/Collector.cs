namespace PayRecharge.Application;

/// <summary>
/// Batches concurrent questions to the database: questions that arrive during a call share the next call. While a call is free, a
/// question is asked immediately, alone. There is no timer, and no answer is older than its question. Batches grow with the load.
/// </summary>
/// <param name="most">The maximum number of questions per call.</param>
/// <param name="ask">Answers questions in their order. It must limit its own time: only a question asked alone can cancel it.</param>
/// <param name="atOnce">The maximum number of concurrent calls.</param>
/// <remarks>
/// If a shared call fails, each of its questions is asked again alone, concurrently and beside the next call. So an error, or the wait
/// for it, reaches only the questions that it concerns.
/// </remarks>
public sealed class Collector<TQuestion, TAnswer>(int most, Func<IReadOnlyList<TQuestion>, CancellationToken, Task<IReadOnlyList<TAnswer>>> ask, int atOnce = 1)
{
    private readonly Lock _gate = new();
    private readonly Queue<Waiter> _waiting = new();
    private int _calls;

    /// <summary>Asks a question, alone or in a batch.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; the other questions are still answered.</exception>
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
        // Don't delay the caller with the next batch.
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

        /// <summary>Continues on another thread: the answering thread has more waiters to answer.</summary>
        public TaskCompletionSource<TAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
