using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Application;
using PayRecharge.Infrastructure.Persistence;

namespace PayRecharge.Infrastructure;

/// <summary>What has to be done before the server may listen.</summary>
public static class ServerSetup
{
    /// <summary>Migrates and fills the database, and sees to the admin key.</summary>
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
    }
}
