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
/// Polls are nearly all of the load: so the few statements are hand-written, and concurrent polls share a transaction
/// (<see cref="Collector{TQuestion,TAnswer}"/>). It locks counters and pending checks, never a row that holds money.
/// </summary>
internal sealed class OrderPolls : IOrderPolls, IDisposable
{
    /// <summary>The most polls that share a transaction.</summary>
    private const int MostAtOnce = 128;

    /// <summary>The most orders that are remembered as nudged; a forgotten order costs an update that changes nothing.</summary>
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
        // Each poll has its own count: the last poll of an order has the stored count.
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
    /// One transaction, sent as one command. It is repeated even if the result of its commit was lost: a gap between the counts is
    /// allowed, a duplicate count is not.
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
                // A stalled transaction holds one order's row: the other polls do not wait for it again.
                if (counts.Count > 1) throw new InvalidOperationException("A row is locked.", exception);
            }
            else
            {
                // Send the nudges again. (After a lock timeout a nudge's row may be locked: the retry skips it.)
                foreach (var id in counts.Keys) _nudged.Remove(id);
            }
            throw;
        }
    }

    // The connection returns to its pool, and must not have an open transaction.
    private static async Task RollBackAsync(DbCommand command)
    {
        try
        {
            (command.CommandText, command.CommandTimeout) = ("ROLLBACK", 2);
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is DbException or InvalidOperationException)
        {
            // A connection that cannot roll back is discarded. (SQLite also throws if it has already rolled back.)
            if (command.Connection is MySqlConnection connection) MySqlConnection.ClearPool(connection);
        }
    }

    // Rows are locked in key order, whatever the order of the polls.
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

    // Skips orders queried a moment ago. An AskedAt far ahead comes from a wrong clock.
    private static string Nudge(RechargeDbContext db, IEnumerable<long> ids, DateTimeOffset now)
    {
        var (at, every) = (now.ToUnixTimeMilliseconds(), (long)CheckPriority.NudgeEvery.TotalMilliseconds);
        return string.Create(CultureInfo.InvariantCulture, $"""
            {db.WaitBriefly} UPDATE PendingChecks SET Nudged = 1, DueAt = CASE WHEN DueAt > {at} THEN {at} ELSE DueAt END WHERE OrderId IN ({In(ids)})
            AND (AskedAt IS NULL OR AskedAt <= {at - every} OR AskedAt > {at + every});
            """);
    }

    // Polls come every second; only one in twenty sends a nudge.
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
        // The commit is the last result.
        while (await reader.NextResultAsync(cancellationToken)) { }
        return views;
    }

    private static string In(IEnumerable<long> ids) => string.Join(", ", ids.Select(id => id.ToString(CultureInfo.InvariantCulture)));
}
