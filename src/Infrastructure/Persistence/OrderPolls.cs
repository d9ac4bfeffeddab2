using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using MySqlConnector;
using PayRecharge.Application;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// Nearly all of the load: so its few statements are written by hand, and those who poll at the same time share a transaction
/// (<see cref="Collector{TQuestion,TAnswer}"/>). It locks counters and turns, never a row that holds money.
/// </summary>
internal sealed class OrderPolls : IOrderPolls, IDisposable
{
    /// <summary>How many polls share a transaction at most.</summary>
    private const int MostAtOnce = 128;

    /// <summary>How many orders are remembered as put before the gateway; one that is forgotten costs an update that changes nothing.</summary>
    private const int MostNudged = 100_000;

    private readonly IServiceScopeFactory _scopes;
    private readonly SqliteWriter _writer;
    private readonly ClientGateway _clients;
    private readonly TimeProvider _clock;
    private readonly Collector<string, OrderView?> _polls;
    private readonly MemoryCache _nudged = new(new MemoryCacheOptions { SizeLimit = MostNudged, Clock = new RunningClock() });

    public OrderPolls(IServiceScopeFactory scopes, SqliteWriter writer, ClientGateway clients, TimeProvider clock)
    {
        (_scopes, _writer, _clients, _clock) = (scopes, writer, clients, clock);
        _polls = new(MostAtOnce, CountAndReadAsync);
    }

    public Task<OrderView?> CountAndReadAsync(string clientId, CancellationToken cancellationToken) => _polls.AskAsync(clientId, cancellationToken);

    public void Dispose() => _nudged.Dispose();

    private async Task<IReadOnlyList<OrderView?>> CountAndReadAsync(IReadOnlyList<string> polls, CancellationToken cancellationToken)
    {
        var counts = polls.CountBy(id => id).ToDictionary(StringComparer.Ordinal);
        var views = await SharedCall.MakeAsync(_scopes, async (db, cancel) =>
        {
            var ids = await FindAsync(db, [.. counts.Keys], cancel);
            return ids.Count == 0 ? [] : await CountAndReadAsync(db, ids.ToDictionary(i => i.Value, i => counts[i.Key]), cancel);
        }, cancellationToken);
        // Each has a count of its own: the last of an order's polls the one that was stored.
        return [.. polls.Select(id => views.TryGetValue(id, out var view) ? view with { Checks = view.Checks - --counts[id] } : null)];
    }

    private async Task<Dictionary<string, long>> FindAsync(RechargeDbContext db, string[] ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        await AddAsync($"SELECT GatewayOrderId, Id FROM Orders WHERE Gateway = '{_clients.Code}' AND GatewayOrderId IN", ids);
        string[] others = [.. ids.Where(id => !found.ContainsKey(id))];
        if (others.Length > 0) await AddAsync($"SELECT Number, Id FROM Orders WHERE Gateway <> '{_clients.Code}' AND Number IN", others);
        return found;

        async Task AddAsync(string select, string[] values)
        {
            await using var command = SharedCall.Command(db, select, values);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) found.Add(reader.GetString(0), reader.GetInt64(1));
        }
    }

    /// <summary>
    /// One transaction, sent as one command. Should its commit be lost, it is made again all the same: a gap between the counts is
    /// allowed, the same count twice is not.
    /// </summary>
    private async Task<Dictionary<string, OrderView>> CountAndReadAsync(RechargeDbContext db, Dictionary<long, int> counts, CancellationToken cancellationToken)
    {
        using var turn = await _writer.WaitAsync(cancellationToken);
        await using var command = SharedCall.Command(db, Statements(db, counts));
        try
        {
            return await ReadAsync(command, cancellationToken);
        }
        catch (Exception exception)
        {
            await RollBackAsync(command);
            if (exception is MySqlException { ErrorCode: MySqlErrorCode.LockWaitTimeout })
            {
                // One order's row is held by somebody who hangs: the others do not wait for it again.
                if (counts.Count > 1) throw new InvalidOperationException("A row is locked.", exception);
            }
            else
            {
                // A nudge among the statements is sent again. (Not where its own row was locked: the poll does without.)
                foreach (var id in counts.Keys) _nudged.Remove(id);
            }
            throw;
        }
    }

    // The connection goes back to its pool, and must not take an open transaction along.
    private static async Task RollBackAsync(DbCommand command)
    {
        try
        {
            (command.CommandText, command.CommandTimeout) = ("ROLLBACK", 2);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is DbException or InvalidOperationException)
        {
            // One that cannot even do this is not taken back. (SQLite says so where it has rolled back by itself.)
            if (command.Connection is MySqlConnection connection) MySqlConnection.ClearPool(connection);
        }
    }

    // Rows are locked in the order of their keys, whoever asks about them.
    private string Statements(RechargeDbContext db, Dictionary<long, int> counts)
    {
        var now = _clock.GetUtcNow();
        var ids = In(counts.Keys);
        var several = string.Concat(counts.Where(c => c.Value > 1).Select(c => string.Create(CultureInfo.InvariantCulture, $" WHEN {c.Key} THEN {c.Value}")));
        var nudged = counts.Keys.Where(id => IsNudge(id, now)).ToList();
        return $"""
            {db.Begin}
            {db.WaitBriefly} UPDATE OrderChecks SET Count = Count + {(several.Length == 0 ? "1" : $"CASE OrderId{several} ELSE 1 END")} WHERE OrderId IN ({ids});
            {(nudged.Count == 0 ? "" : Nudge(db, nudged, now))}
            SELECT {OrderRow.Columns(_clients)}
            FROM OrderChecks c JOIN Orders o ON o.Id = c.OrderId LEFT JOIN Kamis k ON k.OrderId = c.OrderId
            WHERE c.OrderId IN ({ids});
            COMMIT
            """;
    }

    // Asked a moment ago, or under a clock that was ahead.
    private static string Nudge(RechargeDbContext db, IEnumerable<long> ids, DateTimeOffset now)
    {
        var (at, every) = (now.ToUnixTimeMilliseconds(), (long)CheckPriority.NudgeEvery.TotalMilliseconds);
        return string.Create(CultureInfo.InvariantCulture, $"""
            {db.WaitBriefly} UPDATE PendingChecks SET Nudged = 1, DueAt = CASE WHEN DueAt > {at} THEN {at} ELSE DueAt END WHERE OrderId IN ({In(ids)})
            AND (AskedAt IS NULL OR AskedAt <= {at - every} OR AskedAt > {at + every});
            """);
    }

    // Polls come every second; the database hears of one in twenty.
    private bool IsNudge(long orderId, DateTimeOffset now)
    {
        if (_nudged.TryGetValue(orderId, out DateTimeOffset last) && (now - last).Duration() < CheckPriority.NudgeEvery) return false;
        _nudged.Set(orderId, now, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = CheckPriority.NudgeEvery });
        return true;
    }

    private static async Task<Dictionary<string, OrderView>> ReadAsync(DbCommand command, CancellationToken cancellationToken)
    {
        var views = new Dictionary<string, OrderView>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var view = OrderRow.Read(reader);
            views.Add(view.ClientId, view);
        }
        // The commit is the last of the results.
        while (await reader.NextResultAsync(cancellationToken)) { }
        return views;
    }

    private static string In(IEnumerable<long> ids) => string.Join(", ", ids.Select(id => id.ToString(CultureInfo.InvariantCulture)));
}
