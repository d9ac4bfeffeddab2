using CsCheck;
using PayRecharge.Application;

namespace PayRecharge.UnitTests;

internal sealed class CollectorTests
{
    private readonly List<int[]> _calls = [];
    private readonly Queue<TaskCompletionSource> _gates = [];
    private TaskCompletionSource _begun = null!;

    [SetUp]
    public void Start()
    {
        _calls.Clear();
        _gates.Clear();
        _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [Test]
    public async Task Who_finds_nobody_asking_asks_at_once_and_alone()
    {
        var collector = new Collector<int, int>(10, DoubleAsync);
        for (var question = 1; question <= 3; question++) Assert.That(await collector.AskAsync(question, default), Is.EqualTo(2 * question));
        Assert.That(_calls, Is.EqualTo(new[] { new[] { 1 }, [2], [3] }));
    }

    [Test]
    public async Task Those_who_come_meanwhile_share_the_next_call_in_their_order_and_no_more_than_it_takes()
    {
        var collector = new Collector<int, int>(3, DoubleWhenToldAsync);
        var first = Hold();
        var answers = Enumerable.Range(1, 8).Select(i => collector.AskAsync(i, default)).ToList();
        Assert.That(_calls, Is.EqualTo(new[] { new[] { 1 } }));
        first.SetResult();
        Assert.That(await Task.WhenAll(answers), Is.EqualTo(new[] { 2, 4, 6, 8, 10, 12, 14, 16 }));
        Assert.That(_calls, Is.EqualTo(new[] { new[] { 1 }, [2, 3, 4], [5, 6, 7], [8] }));
    }

    [Test]
    public async Task There_are_as_many_calls_at_once_as_it_may_make_and_no_more()
    {
        var collector = new Collector<int, int>(10, DoubleWhenToldAsync, atOnce: 2);
        var (first, second) = (Hold(), Hold());
        var answers = Enumerable.Range(1, 4).Select(i => collector.AskAsync(i, default)).ToList();
        Assert.That(_calls, Is.EqualTo(new[] { new[] { 1 }, [2] }));
        second.SetResult();
        Assert.That((await answers[1], await answers[2], await answers[3], answers[0].IsCompleted), Is.EqualTo((4, 6, 8, false)));
        first.SetResult();
        Assert.That(await answers[0], Is.EqualTo(2));
        Assert.That(_calls, Is.EqualTo(new[] { new[] { 1 }, [2], [3, 4] }));
    }

    [Test]
    public async Task An_error_reaches_only_the_one_it_concerns()
    {
        var collector = new Collector<int, int>(10, DoubleButThirteenAsync);
        var first = Hold();
        var answers = new[] { 1, 2, 13, 3 }.Select(i => collector.AskAsync(i, default)).ToList();
        first.SetResult();
        foreach (var (answer, expected) in new[] { (answers[0], 2), (answers[1], 4), (answers[3], 6) }) Assert.That(await answer, Is.EqualTo(expected));
        Assert.That(async () => await answers[2], Throws.TypeOf<FormatException>());
        Assert.That(await collector.AskAsync(4, default), Is.EqualTo(8), "it goes on");
    }

    [Test]
    public async Task One_who_hangs_alone_keeps_nobody_waiting()
    {
        var never = new TaskCompletionSource();
        var collector = new Collector<int, int>(10, async (questions, cancel) =>
        {
            if (questions.Contains(13) && questions.Count > 1) throw new FormatException();
            if (questions.Contains(13)) await never.Task;
            return await DoubleWhenToldAsync(questions, cancel);
        });
        var first = Hold();
        var answers = new[] { 1, 2, 13 }.Select(i => collector.AskAsync(i, default)).ToList();
        first.SetResult();
        Assert.That(await answers[1], Is.EqualTo(4));
        Assert.That(await collector.AskAsync(5, default), Is.EqualTo(10));
        Assert.That(answers[2].IsCompleted, Is.False);
        never.SetResult();
        Assert.That(await answers[2], Is.EqualTo(26));
    }

    [Test]
    public async Task Who_gives_up_is_not_asked_for_and_takes_nobody_along()
    {
        var collector = new Collector<int, int>(10, DoubleWhenToldAsync);
        using var giveUp = new CancellationTokenSource();
        var first = Hold();
        var (one, two, three) = (collector.AskAsync(1, default), collector.AskAsync(2, giveUp.Token), collector.AskAsync(3, default));
        await giveUp.CancelAsync();
        Assert.That(async () => await two, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => collector.AskAsync(4, giveUp.Token), Throws.InstanceOf<OperationCanceledException>());
        first.SetResult();
        Assert.That((await one, await three), Is.EqualTo((2, 6)));
        Assert.That(_calls, Is.EqualTo(new[] { new[] { 1 }, [3] }));
    }

    [Test]
    public async Task Who_asks_alone_can_end_the_call()
    {
        var collector = new Collector<int, int>(10, async (_, cancel) =>
        {
            _begun.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            return [];
        });
        using var giveUp = new CancellationTokenSource();
        var answer = collector.AskAsync(1, giveUp.Token);
        await _begun.Task;
        await giveUp.CancelAsync();
        Assert.That(async () => await answer, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task A_database_that_answers_without_a_pause_does_not_keep_who_asks_first()
    {
        Collector<int, int>? collector = null;
        Task<int>? second = null;
        collector = new Collector<int, int>(10, (questions, cancel) =>
        {
            // Synchronous, like SQLite. A second question arrives meanwhile; its call must not block the first caller's thread.
            if (questions[0] == 1) second = collector!.AskAsync(2, default);
            else _begun.Task.Wait(cancel);
            return Task.FromResult<IReadOnlyList<int>>([questions[0]]);
        });
        Assert.That(await collector.AskAsync(1, default), Is.EqualTo(1));
        _begun.SetResult();
        Assert.That(await second!, Is.EqualTo(2));
    }

    [Test]
    public void Everybody_is_answered_whatever_comes_when() => Gen.Int[0, 20].Array[1, 60].Sample(async questions =>
    {
        var collector = new Collector<int, int>(4, async (asked, _) =>
        {
            await Task.Yield();
            if (asked.Contains(13)) throw new FormatException();
            return [.. asked.Select(q => 2 * q)];
        });
        await Task.WhenAll(questions.Select(async question =>
        {
            await Task.Yield();
            try
            {
                Assert.That(await collector.AskAsync(question, default), Is.EqualTo(2 * question));
                Assert.That(question, Is.Not.EqualTo(13));
            }
            catch (FormatException)
            {
                Assert.That(question, Is.EqualTo(13));
            }
        }));
    }, iter: 200);

    private TaskCompletionSource Hold()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _gates.Enqueue(gate);
        return gate;
    }

    private Task<IReadOnlyList<int>> DoubleAsync(IReadOnlyList<int> questions, CancellationToken cancellationToken)
    {
        lock (_calls) _calls.Add([.. questions]);
        return Task.FromResult<IReadOnlyList<int>>([.. questions.Select(q => 2 * q)]);
    }

    private async Task<IReadOnlyList<int>> DoubleWhenToldAsync(IReadOnlyList<int> questions, CancellationToken cancellationToken)
    {
        var answer = DoubleAsync(questions, cancellationToken);
        if (_gates.TryDequeue(out var gate)) await gate.Task;
        return await answer;
    }

    private async Task<IReadOnlyList<int>> DoubleButThirteenAsync(IReadOnlyList<int> questions, CancellationToken cancellationToken)
    {
        var answer = await DoubleWhenToldAsync(questions, cancellationToken);
        return questions.Contains(13) ? throw new FormatException() : answer;
    }
}
