using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Logging;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>The requirements on a MariaDB or MySQL server and its tables, checked at start-up in one round trip.</summary>
internal static class MariaDbDemands
{
    private const string Question = """
        SHOW VARIABLES WHERE Variable_name IN ('version', 'read_only', 'innodb_read_only', 'tx_read_only', 'transaction_read_only', 'sql_mode', 'autocommit',
            'tx_isolation', 'transaction_isolation', 'log_bin', 'binlog_format', 'sync_binlog', 'max_allowed_packet', 'innodb_page_size', 'innodb_flush_log_at_trx_commit');
        SELECT TABLE_NAME, ENGINE, ROW_FORMAT FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE';
        SELECT TABLE_NAME, COLLATION_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND COLLATION_NAME IS NOT NULL;
        SELECT TABLE_NAME, CONSTRAINT_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()
        """;

    /// <summary>Checks the server, and warns about settings that may lose the last second.</summary>
    /// <exception cref="InvalidOperationException">The server or a table is unfit; the message names the fix.</exception>
    public static async Task CheckAsync(RechargeDbContext db, ILogger logger, CancellationToken cancellationToken)
    {
        var (server, faults) = await db.Database.CreateExecutionStrategy().ExecuteAsync(cancel => AskAsync(db, cancel), cancellationToken);
        faults = [.. FaultsOf(server), .. faults];
        if (faults.Count > 0) throw new InvalidOperationException(string.Join(Environment.NewLine, faults));
        if (server("innodb_flush_log_at_trx_commit") != "1")
            logger.LogWarning("innodb_flush_log_at_trx_commit is not 1: what was answered in the last second may be lost when the database's machine fails.");
        if (IsOn(server("log_bin")) && server("sync_binlog") != "1")
            logger.LogWarning("The binary log is on and sync_binlog is not 1: what was answered last may be lost when the database's machine fails.");
    }

    private static async Task<(Func<string, string> Server, List<string> Faults)> AskAsync(RechargeDbContext db, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = SharedCall.Command(db, Question);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var variables = (await ReadAsync(reader, cancellationToken)).ToDictionary(v => v[0], v => v[1], StringComparer.OrdinalIgnoreCase);
            var tables = await ReadAsync(reader, cancellationToken);
            var collations = await ReadAsync(reader, cancellationToken);
            var foreignKeys = await ReadAsync(reader, cancellationToken);
            return (name => variables.GetValueOrDefault(name, ""), FaultsOf(db.Model.GetRelationalModel(), tables, collations, foreignKeys));
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static IEnumerable<string> FaultsOf(Func<string, string> server)
    {
        var version = server("version");
        if (!IsNewEnough(version))
            yield return $"The database server is {version}; MariaDB 10.6 or MySQL 8.0.21 is the oldest that will do.";
        if (IsOn(server("read_only")) || IsOn(server("innodb_read_only")) || IsOn(server("tx_read_only")) || IsOn(server("transaction_read_only")))
            yield return "The database server is read-only. Use the server that takes writes, or end it: SET GLOBAL read_only = 0;";
        // Otherwise overlong text or an out-of-range sum would be truncated without an error.
        if (!server("sql_mode").Split(',').Intersect(["STRICT_TRANS_TABLES", "STRICT_ALL_TABLES"], StringComparer.OrdinalIgnoreCase).Any())
            yield return "The database server's sql_mode is not strict. Set it, and in its my.cnf too: SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',STRICT_TRANS_TABLES');";
        if (!IsOn(server("autocommit")))
            yield return "The database server has autocommit off. Set it, and in its my.cnf too: SET GLOBAL autocommit = 1;";
        if (server("tx_isolation") is "READ-UNCOMMITTED" || server("transaction_isolation") is "READ-UNCOMMITTED")
            yield return "The database server shows what is not committed. Set this, and in its my.cnf too: SET GLOBAL TRANSACTION ISOLATION LEVEL READ COMMITTED;";
        // All writes use READ COMMITTED, which cannot be logged by statement.
        if (IsOn(server("log_bin")) && server("binlog_format") == "STATEMENT")
            yield return "The database server logs statements, which fits no READ COMMITTED. Set this, and in its my.cnf too: SET GLOBAL binlog_format = 'MIXED';";
        if (Number(server("max_allowed_packet")) < 1024 * 1024)
            yield return "The database server takes packets of less than 1 MiB. Set this, and in its my.cnf too: SET GLOBAL max_allowed_packet = 16777216;";
        if (Number(server("innodb_page_size")) < 8192)
            yield return "The database server's innodb_page_size is too small for the indexes. Use a server with innodb_page_size of 8192 or more.";
    }

    private static List<string> FaultsOf(IRelationalModel model, List<string[]> tables, List<string[]> collations, List<string[]> foreignKeys)
    {
        var faults = new List<string>();
        // Referenced tables come first: they must be repaired first.
        foreach (var table in model.Tables.OrderBy(t => t.ForeignKeyConstraints.Count()))
        {
            // With lower_case_table_names the server stores names in lower case.
            bool IsThis(string[] row) => row[0].Equals(table.Name, StringComparison.OrdinalIgnoreCase);
            if (tables.Find(IsThis) is not { } found) continue;
            var missing = table.ForeignKeyConstraints.Where(k => !foreignKeys.Exists(row => IsThis(row) && row[1].Equals(k.Name, StringComparison.OrdinalIgnoreCase))).ToList();
            if (found[1].Equals("InnoDB", StringComparison.OrdinalIgnoreCase) && found[2].ToUpperInvariant() is "DYNAMIC" or "COMPRESSED"
                && collations.TrueForAll(row => !IsThis(row) || row[1] == MySqlRechargeDbContext.Collation) && missing.Count == 0)
                continue;
            var references = string.Concat(missing.Select(k =>
                $", ADD CONSTRAINT `{k.Name}` FOREIGN KEY (`{k.Columns[0].Name}`) REFERENCES `{k.PrincipalTable.Name}` (`{k.PrincipalColumns[0].Name}`) ON DELETE CASCADE"));
            faults.Add($"The table {table.Name} is not as it was defined, and payments could be lost in it. Make a backup, then: ALTER TABLE `{table.Name}` "
                + $"ENGINE=InnoDB ROW_FORMAT=DYNAMIC, CONVERT TO CHARACTER SET utf8mb4 COLLATE {MySqlRechargeDbContext.Collation}{references};");
        }
        return faults;
    }

    private static async Task<List<string[]>> ReadAsync(DbDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new List<string[]>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture)!)]);
        await reader.NextResultAsync(cancellationToken);
        return rows;
    }

    private static bool IsNewEnough(string version) =>
        !Version.TryParse(version.Split('-')[0], out var number)
        || number >= (version.Contains("MariaDB", StringComparison.OrdinalIgnoreCase) ? new Version(10, 6) : new Version(8, 0, 21));

    // MariaDB 12 has more values than ON for a read-only server.
    private static bool IsOn(string value) => value.Length > 0 && value is not ("0" or "OFF");

    private static long Number(string value) => long.TryParse(value, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue;
}
