using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using MySqlConnector;
using PayRecharge.Application;
using PayRecharge.Application.Orders;
using PayRecharge.Infrastructure;
using PayRecharge.Infrastructure.Persistence;

namespace PayRecharge.IntegrationTests.Support;

/// <summary>The database setup of a server that does not listen.</summary>
internal static class Setup
{
    /// <summary>Sets up a database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="interceptors">Intercept the setup's commands.</param>
    /// <returns>The log.</returns>
    public static async Task<CapturedLog> RunAsync(Database database, params IInterceptor[] interceptors)
    {
        var log = new CapturedLog();
        await using var services = Build(database, log, interceptors);
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DatabaseSetup>().RunAsync(CancellationToken.None);
        return log;
    }

    /// <summary>Migrates a database to the schema of an older release.</summary>
    public static async Task MigrateToAsync(Database database, string migration)
    {
        await using var services = Build(database, new CapturedLog(), []);
        await using var scope = services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<RechargeDbContext>().Database.MigrateAsync(migration);
    }

    /// <summary>Reads the table schema of a MariaDB database, one fact per line.</summary>
    public static async Task<List<string>> SchemaAsync(Database database) =>
    [
        .. await QueryAsync(database, "SELECT LOWER(TABLE_NAME), ENGINE, ROW_FORMAT, TABLE_COLLATION FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1"),
        .. await QueryAsync(database, """
            SELECT LOWER(TABLE_NAME), ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, COLLATION_NAME, EXTRA
            FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2
            """),
        .. await QueryAsync(database, """
            SELECT LOWER(TABLE_NAME), INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, NON_UNIQUE, SUB_PART, INDEX_TYPE
            FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() ORDER BY 1, 2, 3
            """),
        .. await QueryAsync(database, """
            SELECT LOWER(TABLE_NAME), CONSTRAINT_NAME, LOWER(REFERENCED_TABLE_NAME), DELETE_RULE
            FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE() ORDER BY 1, 2
            """),
        .. await QueryAsync(database, "SELECT MigrationId, ProductVersion FROM __EFMigrationsHistory ORDER BY 1"),
    ];

    /// <summary>Runs SQL directly on MariaDB and returns the rows.</summary>
    public static async Task<List<string>> QueryAsync(Database database, string sql)
    {
        await using var connection = new MySqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync()) rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));
        return rows;
    }

    private static ServiceProvider Build(Database database, CapturedLog log, IInterceptor[] interceptors)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Database:Provider"] = database.Provider,
            // A killed setup leaves no pooled connection.
            ["ConnectionStrings:PayRecharge"] = database.ConnectionString + (database.Kind == DatabaseKind.MariaDb ? ";Pooling=false" : ""),
            ["Admin:ApiKey"] = ServerProcess.AdminKey,
            ["Data:KeysFolder"] = Database.KeysFolder,
        }).Build();
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(configuration);
        services.AddSingleton<IHostApplicationLifetime, ApplicationLifetime>();
        services.AddLogging(logging => logging.AddProvider(log));
        services.AddApplication();
        services.AddSingleton(new ClientGateway("payjs"));
        services.AddInfrastructure(configuration, Database.KeysFolder, _ => null);
        services.ConfigureDbContext<MySqlRechargeDbContext>(options => options.AddInterceptors(interceptors));
        return services.BuildServiceProvider();
    }
}
