namespace PayRecharge.WebApi;

/// <summary>
/// How the server stops. From the signal on it is not ready, but serves as before for <c>Shutdown:DrainSeconds</c> (0), so that a
/// balancer can see it and send its calls elsewhere. Then it listens no more and ends what it has begun.
/// </summary>
internal sealed class Draining(IConfiguration configuration, IHostApplicationLifetime lifetime, TimeProvider clock) : IHostedLifecycleService
{
    private const int LongestSeconds = 60;

    /// <summary>How long running work gets: an order waits for the gateway for 10 seconds at most, and for the database before and after.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Bounds the whole stop, and has calls and background work end side by side.</summary>
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
