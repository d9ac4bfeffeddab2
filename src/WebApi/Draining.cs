namespace PayRecharge.WebApi;

/// <summary>
/// Controls the shutdown. After the stop signal the server is not ready, but still serves for <c>Shutdown:DrainSeconds</c> (0), so that a
/// load balancer can send calls elsewhere. Then it stops listening and finishes running work.
/// </summary>
internal sealed class Draining(IConfiguration configuration, IHostApplicationLifetime lifetime, TimeProvider clock) : IHostedLifecycleService
{
    private const int LongestSeconds = 60;

    /// <summary>
    /// The time limit of running work: an order waits up to 10 seconds for the gateway, and for the database before and after.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Limits the whole shutdown time, and stops calls and background work concurrently.</summary>
    /// <exception cref="InvalidOperationException"><c>Shutdown:DrainSeconds</c> is not from 0 to 60.</exception>
    public static void Configure(HostOptions options, IConfiguration configuration)
    {
        options.ShutdownTimeout = DrainTime(configuration) + Patience;
        options.ServicesStopConcurrently = true;
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        lifetime.StopApplication();
        return Task.Delay(DrainTime(configuration), clock, cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static TimeSpan DrainTime(IConfiguration configuration) => configuration.GetValue("Shutdown:DrainSeconds", 0) is >= 0 and <= LongestSeconds and var seconds
        ? TimeSpan.FromSeconds(seconds) : throw new InvalidOperationException($"Shutdown:DrainSeconds has to be from 0 to {LongestSeconds}.");
}
