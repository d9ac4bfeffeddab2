using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using PayRecharge.IntegrationTests.Support;

namespace PayRecharge.IntegrationTests;

/// <summary>A killed migration continues at the next start, whichever statement was its last: MariaDB cannot roll it back.</summary>
[TestFixture]
internal sealed class MigrationTests
{
    // A fulfilled order, one that needs attention, and the messages that paid them, as stored by the first release.
    private const string OldRows = """
        INSERT INTO Orders (Id, Number, MerchantId, Mode, Uid, AmountFen, Title, Attach, Channel, Status, CreatedAt, PaidAt, PaidLate,
            Purchase_CardRuleId, Purchase_CreditType, Purchase_Credits, Purchase_Devices, Purchase_Kind, Purchase_Seconds, Purchase_TradeCredits)
        VALUES (1, '1', 'm', 0, 1, 100, '', '', 0, 2, 5, 6, 0, 0, 1, 10, 0, 1, 0, 0), (2, '2', 'm', 0, 1, 200, '', '', 0, 4, 7, 8, 0, 0, 1, 20, 0, 1, 0, 0);
        INSERT INTO Notifications (Source, ContentHash, Signed, OrderNumber, Content, ReceivedAt)
        VALUES (0, 'a', 1, '1', '', 6), (0, 'b', 1, '1', '', 7), (0, 'c', 1, '2', '', 8), (0, 'd', 0, '2', '', 8);
        """;

    [Test]
    public async Task The_first_start_can_die_after_each_statement()
    {
        await using var undisturbed = await Database.CreateAsync(DatabaseKind.MariaDb);
        await using var database = await Database.CreateAsync(DatabaseKind.MariaDb);
        await Setup.RunAsync(undisturbed);
        Assert.That(await DyingStartsAsync(database), Has.Count.GreaterThan(45));
        Assert.That(await Setup.SchemaAsync(database), Is.EqualTo(await Setup.SchemaAsync(undisturbed)));
    }

    [Test]
    public async Task An_update_can_die_after_each_statement()
    {
        await using var undisturbed = await OldDatabaseAsync();
        await using var database = await OldDatabaseAsync();
        await Setup.RunAsync(undisturbed);
        Assert.That(await DyingStartsAsync(database), Has.Count.GreaterThan(15));
        Assert.That(await Setup.SchemaAsync(database), Is.EqualTo(await Setup.SchemaAsync(undisturbed)));
        foreach (var rows in new[] { "SELECT * FROM Notifications ORDER BY Id", "SELECT * FROM PendingChecks ORDER BY OrderId", "SELECT * FROM Orders ORDER BY Id" })
            Assert.That(await Setup.QueryAsync(database, rows), Is.Not.Empty.And.EqualTo(await Setup.QueryAsync(undisturbed, rows)));
    }

    [Test]
    public async Task A_server_killed_in_the_middle_of_a_migration_does_not_keep_the_next_one_from_starting()
    {
        await using var gateway = await ScriptedGateway.StartAsync();
        await using var undisturbed = await OldDatabaseAsync();
        await using var database = await OldDatabaseAsync();
        await Setup.RunAsync(undisturbed);
        await using (var blocker = new MySqlConnector.MySqlConnection(database.ConnectionString))
        {
            await blocker.OpenAsync();
            await using var held = await blocker.BeginTransactionAsync();
            await using var command = new MySqlConnector.MySqlCommand("SELECT * FROM Notifications", blocker, held);
            await command.ExecuteScalarAsync();
            await using var server = ServerProcess.Launch(database, gateway.Address);
            // By then, the migration has added the columns of Orders.
            await Eventually.HoldsAsync(async () => (await Setup.QueryAsync(database,
                "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND STATE LIKE 'Waiting for table metadata lock'")).Count > 0, TimeSpan.FromSeconds(60));
            await server.KillAsync();
        }
        await using (await ServerProcess.StartAsync(database, gateway.Address))
            Assert.That(await Setup.SchemaAsync(database), Is.EqualTo(await Setup.SchemaAsync(undisturbed)));
    }

    // A cluster has no lock across its nodes, so several servers may run the same steps.
    [Test]
    public async Task Several_that_migrate_at_once_without_a_lock_agree()
    {
        await using var undisturbed = await OldDatabaseAsync();
        await using var database = await OldDatabaseAsync();
        await Setup.RunAsync(undisturbed);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Setup.RunAsync(database, new NoLock())));
        Assert.That(await Setup.SchemaAsync(database), Is.EqualTo(await Setup.SchemaAsync(undisturbed)));
    }

    private static async Task<Database> OldDatabaseAsync()
    {
        var database = await Database.CreateAsync(DatabaseKind.MariaDb);
        await Setup.MigrateToAsync(database, "Initial");
        await Setup.QueryAsync(database, OldRows);
        return database;
    }

    /// <summary>Starts repeatedly. Each start dies after its first statement that no earlier start executed, until none is left.</summary>
    /// <returns>The statements after which they died.</returns>
    private static async Task<List<string>> DyingStartsAsync(Database database)
    {
        var done = new List<string>();
        while (true)
        {
            var before = done.Count;
            try
            {
                await Setup.RunAsync(database, new Death(done));
                return done;
            }
            catch (Exception exception)
            {
                Assert.That(exception is DeathException || exception.InnerException is DeathException, $"after {done.LastOrDefault()}: {exception}");
                Assert.That(done, Has.Count.EqualTo(before + 1));
            }
        }
    }

    /// <summary>Dies after the first new statement of a migration: no later statement reaches the database.</summary>
    private sealed class Death(List<string> done) : DbCommandInterceptor
    {
        private bool _isDead;

        public override ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
        {
            if (eventData.CommandSource != CommandSource.Migrations || done.Contains(command.CommandText)) return new(result);
            done.Add(command.CommandText);
            _isDead = true;
            throw new DeathException();
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default) => new(Alive(result));

        public override ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default) => new(Alive(result));

        private T Alive<T>(T result) => _isDead ? throw new DeathException() : result;
    }

    private sealed class NoLock : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            if (command.CommandText.Contains("GET_LOCK", StringComparison.Ordinal)) command.CommandText = "SELECT 1";
            return new(result);
        }
    }

    private sealed class DeathException : Exception;
}
