using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using MySqlConnector;
using PayRecharge.Application;
using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;
using PayRecharge.Domain.Payments;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>Prepares the database for the server: the tables, the settings, and in sandbox mode the demo data.</summary>
internal sealed class DatabaseSetup(
    RechargeDbContext db, IUnitOfWork unit, IUserAccountRepository accounts, ISettingsStore store,
    SettingsDocument documents, SecretKeys keys, PaymentGateways gateways, TimeProvider clock, ILogger<DatabaseSetup> logger)
{
    private static readonly TimeSpan LongestMigration = TimeSpan.FromMinutes(10);

    /// <summary>Sets up the database; several instances may do so concurrently.</summary>
    /// <exception cref="InvalidOperationException">
    /// The database belongs to the other mode, its server or tables are unsuitable, or the machine lacks the site's time zone.
    /// </exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await MigrateAsync(cancellationToken);
        var mode = gateways.Mode;
        var settings = await ReadAsync(cancellationToken) ?? await CreateAsync(mode, cancellationToken);
        // Play money must never buy real goods, and real buyers must never see sandbox codes.
        if (settings.Mode != mode)
            throw new InvalidOperationException($"This database was set up for {settings.Mode} mode and the server runs in {mode} mode. Use another database.");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(settings.TimeZone, out _))
            throw new InvalidOperationException($"The time zone {settings.TimeZone} of the settings is not known on this machine, so no order could get a number. Install the time-zone data, on Debian and Ubuntu the package tzdata.");
        if (settings.Merchant is null) logger.LogWarning("No merchant is set: orders are refused until one is saved at PUT /api/admin/settings.");
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        if (db.Database.IsSqlite()) await PrepareFileAsync(Path.GetFullPath(db.Database.GetDbConnection().DataSource), cancellationToken);
        else await CheckServerAsync(cancellationToken);
        if (!(await db.Database.GetPendingMigrationsAsync(cancellationToken)).Any()) return;
        if (db.Database.IsSqlite())
        {
            await MigrateSqliteAsync(cancellationToken);
            return;
        }
        // A change of a large table takes longer than any query, and another instance may already be doing it.
        db.Database.SetCommandTimeout(LongestMigration);
        try
        {
            await MigrateMySqlAsync(cancellationToken);
        }
        finally
        {
            // The context returns to its pool.
            db.Database.SetCommandTimeout((int?)null);
        }
        await CheckServerAsync(cancellationToken);
    }

    private async Task CheckServerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await MariaDbDemands.CheckAsync(db, logger, cancellationToken);
        }
        catch (MySqlException exception) when (exception.ErrorCode == MySqlErrorCode.UnknownDatabase)
        {
            // The migration creates it.
        }
    }

    private async Task MigrateSqliteAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(TimeSpan.FromSeconds(30));
            await db.Database.MigrateAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A process that died during a SQLite migration has left its lock behind, and nothing else would ever clear it.
            await db.Database.ExecuteSqlRawAsync("DELETE FROM \"__EFMigrationsLock\"", cancellationToken);
            await db.Database.MigrateAsync(cancellationToken);
        }
    }

    // The lock ends with its connection, and a cluster has no lock for all nodes. So a killed or concurrent instance may have done some of
    // the steps: a repeated step does nothing (RepeatableSteps).
    private async Task MigrateMySqlAsync(CancellationToken cancellationToken)
    {
        for (var triesLeft = 10; ; triesLeft--)
        {
            try
            {
                await db.Database.MigrateAsync(cancellationToken);
                return;
            }
            catch (Exception exception) when (triesLeft > 1 && (exception as MySqlException ?? exception.InnerException as MySqlException)?.ErrorCode
                is MySqlErrorCode.TableExists or MySqlErrorCode.DuplicateFieldName or MySqlErrorCode.DuplicateKeyName
                or MySqlErrorCode.CannotDropFieldOrKey or MySqlErrorCode.DuplicateKeyEntry or MySqlErrorCode.LockDeadlock or MySqlErrorCode.LockWaitTimeout)
            {
                logger.LogWarning("Another instance seems to migrate the database ({Reason}); beginning again", exception.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), clock, cancellationToken);
            }
        }
    }

    private async Task PrepareFileAsync(string file, CancellationToken cancellationToken)
    {
        DataFolder.Create(Path.GetDirectoryName(file)!);
        // SQLite creates its side files with the file mode of the database.
        DataFolder.CreateFile(file);
        foreach (var beside in new[] { "-wal", "-shm" }) DataFolder.Close(file + beside);
        // EF sets this only if it creates the file. In the default mode a writer blocks readers.
        await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancellationToken);
    }

    private async Task<RechargeSettings?> ReadAsync(CancellationToken cancellationToken)
    {
        if (await db.Settings.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is not { } row) return null;
        try
        {
            var settings = documents.Read(row);
            if (SettingsDocument.IsPlain(row)) await store.TrySaveAsync(settings, settings, new CurrentChange(), cancellationToken);
            return settings;
        }
        catch (CryptographicException exception)
        {
            throw new InvalidOperationException(
                $"The secrets in the database were encrypted under a key that is not in {keys.Folder}: copy that folder from the instance that has been running, or from the backup.", exception);
        }
    }

    private async Task<RechargeSettings> CreateAsync(GatewayMode mode, CancellationToken cancellationToken)
    {
        var settings = mode == GatewayMode.Sandbox ? SandboxSettings() : new RechargeSettings { TransportKey = AccountToken.Draw() };
        try
        {
            await unit.ExecuteAsync(async cancel =>
            {
                db.Settings.Add(new SettingsRow { Version = 1, Document = documents.Write(settings) });
                // Stored first: of instances that start together, only the one that stores this row continues.
                await db.SaveChangesAsync(cancel);
                if (mode == GatewayMode.Sandbox) await AddDemoAsync(cancel);
                return true;
            }, cancellationToken);
        }
        catch (UniqueConstraintException)
        {
            // Another instance was first.
        }
        return await ReadAsync(cancellationToken) ?? throw new InvalidOperationException("The settings are gone.");
    }

    private RechargeSettings SandboxSettings() => new()
    {
        Mode = GatewayMode.Sandbox,
        Merchant = gateways.SandboxMerchant,
        TransportKey = "123456",
        CreditRatios = [.. Enumerable.Repeat(10m, UserAccount.CreditTypes)],
        TimeRatio = 3600,
    };

    private async Task AddDemoAsync(CancellationToken cancellationToken)
    {
        db.CardRules.AddRange(
            CardRule.Create(1, 1_000, 20, 30, 1_000, 10),
            CardRule.Create(4, 5_000, 120, 130, 10_000, 100),
            CardRule.Create(8, 10_000, 1_200, 1_300, 100_000, 1_000),
            CardRule.Create(9, 100, 12_000, 13_000, 1_000_000, 10_000));
        await accounts.AddAsync(UserAccount.Create(1, "demo", "demo@example.com", permanent: false, clock.GetUtcNow()), Grant.Nothing, cancellationToken);
    }
}
