using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PayRecharge.Application;
using PayRecharge.Application.Payments;
using PayRecharge.Infrastructure.Persistence;

namespace PayRecharge.Infrastructure;

/// <summary>What has to be done before the server may listen.</summary>
public static class ServerSetup
{
    private static readonly TimeSpan LongestRehearsal = TimeSpan.FromSeconds(30);

    /// <summary>Migrates and fills the database, sees to the admin key, and rehearses a payment.</summary>
    /// <param name="services">The server's services.</param>
    /// <param name="dataFolder">Where files of the server's own go.</param>
    /// <param name="cancellationToken">Ends the setup.</param>
    /// <exception cref="InvalidOperationException">The database belongs to the other mode, or cannot be used; or <c>Admin:ApiKey</c> is weak.</exception>
    public static async Task SetUpAsync(this IServiceProvider services, string dataFolder, CancellationToken cancellationToken = default)
    {
        // Made first: a key that is refused ends the start before the database is touched.
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
            // A server that cannot write serves what it can, and /health/ready says that it is not ready.
            services.GetRequiredService<ILogger<RehearsePayment>>().LogWarning("A payment could not be rehearsed; the first one will take longer: {Reason}", exception.Message);
        }
    }
}
