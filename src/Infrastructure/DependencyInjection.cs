using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using MySqlConnector;
using PayRecharge.Application;
using PayRecharge.Application.Accounts;
using PayRecharge.Application.Cards;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Orders;
using PayRecharge.Domain.Payments;
using PayRecharge.Infrastructure.Payjs;
using PayRecharge.Infrastructure.Persistence;

namespace PayRecharge.Infrastructure;

/// <summary>Registers the database and the gateway.</summary>
public static class DependencyInjection
{
    /// <summary>Only SQL that MySQL 8.0 and MariaDB 10.6 share is used.</summary>
    internal static readonly ServerVersion ServerVersion = new MySqlServerVersion(new Version(8, 0, 21));

    /// <summary>Implements the application's ports.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">
    /// Contains <c>Database</c>, <c>ConnectionStrings:PayRecharge</c>, <c>Data</c>, <c>Payjs</c> and <c>Admin</c>.
    /// </param>
    /// <param name="dataFolder">The default folder of the SQLite database and of the keys that encrypt secrets.</param>
    /// <param name="ownAddress">Returns this server's address, which the sandbox uses; called once the server listens.</param>
    /// <exception cref="InvalidOperationException">A setting has an invalid value.</exception>
    public static IServiceCollection AddInfrastructure(
        this IServiceCollection services, IConfiguration configuration, string dataFolder, Func<IServiceProvider, Uri?> ownAddress)
    {
        services.AddSingleton<DatabaseClock>();
        services.AddSingleton<ISharedClock>(provider => provider.GetRequiredService<DatabaseClock>());
        services.AddSingleton<TimeProvider>(provider => provider.GetRequiredService<DatabaseClock>());
        services.AddMemoryCache(options => options.Clock = new RunningClock());
        AddDatabase(services, configuration, dataFolder);
        services.AddScoped<IUnitOfWork, UnitOfWork>();
        services.AddScoped<IOrderRepository, OrderRepository>();
        services.AddScoped<IOrderQueries, OrderQueries>();
        services.AddSingleton<IOrderPolls, OrderPolls>();
        services.AddSingleton<PaidLists>();
        services.AddSingleton<OrderWatch>();
        services.AddSingleton<IOrderWatch>(provider => provider.GetRequiredService<OrderWatch>());
        services.AddScoped<ICardRepository, CardRepository>();
        services.AddSingleton<ICardRuleCatalog, CardRuleCatalog>();
        services.AddScoped<IUserAccountRepository, UserAccountRepository>();
        services.AddSingleton<UnsignedTrims>();
        services.AddScoped<INotificationRepository, NotificationRepository>();
        services.AddScoped<INotificationQueries, NotificationRepository>();
        services.AddScoped<IAdminChanges, AdminChanges>();
        services.AddScoped<IAuditQueries, AuditQueries>();
        services.AddScoped<INightlyAudits, NightlyAudits>();
        services.AddScoped<IReconciliationQueue, ReconciliationQueue>();
        services.AddSingleton<ISettingsStore, SettingsStore>();
        AddSecrets(services, configuration, dataFolder);
        services.AddScoped<DatabaseSetup>();
        services.AddSingleton<AdminKey>();
        services.AddSingleton<IDefectiveNoticeQuota, DefectiveNoticeQuota>();
        services.AddPayjs(configuration, ownAddress);
        return services;
    }

    private static void AddDatabase(IServiceCollection services, IConfiguration configuration, string dataFolder)
    {
        var provider = configuration["Database:Provider"] ?? "Sqlite";
        var connection = configuration.GetConnectionString("PayRecharge");
        if (provider.Equals("Sqlite", StringComparison.OrdinalIgnoreCase))
        {
            services.AddSingleton(new SqliteWriter(oneAtATime: true));
            services.AddDbContextPool<RechargeDbContext, SqliteRechargeDbContext>(o => Quiet(o.UseSqlite(
                connection ?? $"Data Source={Path.Combine(dataFolder, "payrecharge.db")};Default Timeout=2")));
        }
        else if (provider.Equals("MySql", StringComparison.OrdinalIgnoreCase))
        {
            var tuned = new MySqlConnectionStringBuilder(connection
                ?? throw new InvalidOperationException("Database:Provider is MySql, so ConnectionStrings:PayRecharge must name the server."))
            {
                // A reset costs a round trip per request and drops prepared statements; our code leaves no state in a session.
                ConnectionReset = false,
                GuidFormat = MySqlGuidFormat.None,
            };
            if (!tuned.ContainsKey("Default Command Timeout")) tuned.DefaultCommandTimeout = 8;
            if (!tuned.ContainsKey("Connection Timeout")) tuned.ConnectionTimeout = 5;
            services.AddSingleton(new SqliteWriter(oneAtATime: false));
            services.AddDbContextPool<RechargeDbContext, MySqlRechargeDbContext>(o => Quiet(o.UseMySql(tuned.ConnectionString, ServerVersion,
                mysql => mysql.ExecutionStrategy(dependencies => new RetryStrategy(dependencies))).ReplaceService<IMigrationsSqlGenerator, RepeatableSteps>()));
        }
        else
        {
            throw new InvalidOperationException($"Database:Provider is '{provider}'; it can be Sqlite or MySql.");
        }
    }

    private static void AddSecrets(IServiceCollection services, IConfiguration configuration, string dataFolder)
    {
        var keys = new SecretKeys(configuration["Data:KeysFolder"] is { Length: > 0 } folder ? folder : Path.Combine(dataFolder, "keys"));
        DataFolder.CreateClosed(keys.Folder);
        services.AddSingleton(keys);
        services.AddSingleton<SettingsDocument>();
        // One permanent key: instances on other machines have a copy of the folder, and would not see a key that is added later.
        services.AddDataProtection().SetApplicationName("PayRecharge").PersistKeysToFileSystem(new DirectoryInfo(keys.Folder))
            .SetDefaultKeyLifetime(TimeSpan.FromDays(36_500));
    }

    private static void Quiet(DbContextOptionsBuilder options) =>
        // A duplicate key is a normal result here, and a retried failure is no error. Real errors are thrown, and logged by their handlers.
        options.ConfigureWarnings(w => w.Ignore(CoreEventId.SaveChangesFailed, CoreEventId.QueryIterationFailed, RelationalEventId.CommandError, RelationalEventId.ConnectionError));
}

/// <summary>The folder of the keys that encrypt secrets in the database.</summary>
/// <param name="Folder">Its path.</param>
internal sealed record SecretKeys(string Folder);
