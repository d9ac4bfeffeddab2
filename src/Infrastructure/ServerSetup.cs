using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayRecharge.Application;
using PayRecharge.Application.Payments;
using PayRecharge.Infrastructure.Persistence;

namespace PayRecharge.Infrastructure;

/// <summary>Prepares the server before it listens.</summary>
public static class ServerSetup
{
    private static readonly TimeSpan LongestRehearsal = TimeSpan.FromSeconds(30);

    /// <summary>Migrates and fills the database, sets up the admin key, and rehearses a payment.</summary>
    /// <param name="services">The server's services.</param>
    /// <param name="dataFolder">The folder of the server's own files.</param>
    /// <param name="cancellationToken">Cancels the setup.</param>
    /// <exception cref="InvalidOperationException">The database is for the other mode or unusable, or the admin key is weak.</exception>
    public static async Task SetUpAsync(this IServiceProvider services, string dataFolder, CancellationToken cancellationToken = default)
    {
        // Created first: an invalid key aborts start-up before the database is touched.
        var adminKey = services.GetRequiredService<AdminKey>();
        await using (var scope = services.CreateAsyncScope())
            await scope.ServiceProvider.GetRequiredService<DatabaseSetup>().RunAsync(cancellationToken);
        await services.GetRequiredService<ISharedClock>().SynchronizeAsync(cancellationToken);
        await adminKey.SetUpAsync(dataFolder, cancellationToken);
        await RehearseAsync(services, cancellationToken);
    }

    private static async Task RehearseAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestRehearsal);
        await using var scope = services.CreateAsyncScope();
        try
        {
            await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new RehearsePayment(), limit.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // A server that cannot write still serves what it can; /health/ready reports it as not ready.
            services.GetRequiredService<ILogger<RehearsePayment>>().LogWarning("A payment could not be rehearsed; the first one will take longer: {Reason}", exception.Message);
        }
    }
}
