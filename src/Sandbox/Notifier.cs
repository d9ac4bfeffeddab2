using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;

namespace PayRecharge.Sandbox;

/// <summary>Sends notices at fixed offsets from the payment, until one gets a 200 or a check has reported the payment.</summary>
internal sealed class Notifier(NotifySender sender, ReorderGate gate, QuirkSettings settings, TimeProvider clock)
    : IHostedService, IDisposable
{
    private static readonly TimeSpan[] Schedule = [.. new[] { 0, 15, 30, 180, 1800, 3600 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentDictionary<Order, Task> running = [];

    public void Begin(Order order, Payment payment)
    {
        if (order.Terms.NotifyUrl is null)
            return;

        var run = Task.Run(() => RunAsync(order, payment, stopping.Token));
        running[order] = run;
        run.ContinueWith(_ => running.TryRemove(order, out var _), TaskScheduler.Default);
    }

    public Task ResendAsync(Order order, Payment payment) =>
        sender.SendAsync(order, payment, NotifyKind.Manual, stopping.Token);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running.Values).WaitAsync(cancellationToken);
    }

    public void Dispose() => stopping.Dispose();

    private async Task RunAsync(Order order, Payment payment, CancellationToken over)
    {
        var start = payment.At.AddSeconds(settings.Current.NotifyDelaySeconds);
        foreach (var offset in Schedule)
        {
            // Computed from the payment each time, so that slow answers do not delay later attempts.
            var wait = start + offset - clock.GetUtcNow();
            await order.Delivered.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, clock, over)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (order.Delivered.IsCompleted || over.IsCancellationRequested)
                return;

            var quirks = settings.Current;
            await (quirks.NotifyReorder
                ? gate.PassAsync(() => AttemptAsync(order, payment, quirks, over), over)
                : AttemptAsync(order, payment, quirks, over));
        }
    }

    private async Task AttemptAsync(Order order, Payment payment, Quirks quirks, CancellationToken over)
    {
        if (RandomNumberGenerator.GetInt32(100) < quirks.NotifyDropPercent)
        {
            sender.Drop(order, payment);
            return;
        }

        if (quirks.NotifyForge != Forgery.None)
            await sender.ForgeAsync(order, payment, quirks.NotifyForge, over);

        await Task.WhenAll(Enumerable.Range(0, quirks.NotifyCopies)
            .Select(_ => sender.SendAsync(order, payment, NotifyKind.Scheduled, over)));
    }
}
