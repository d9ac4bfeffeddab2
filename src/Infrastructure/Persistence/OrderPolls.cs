using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
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

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IServiceScopeFactory _scopes;
    private readonly TimeProvider _clock;
    private readonly Collector<string, OrderView?> _polls;
    private readonly MemoryCache _nudged = new(new MemoryCacheOptions { SizeLimit = MostNudged });

    public OrderPolls(IServiceScopeFactory scopes, TimeProvider clock)
    {
        (_scopes, _clock) = (scopes, clock);
        _polls = new(MostAtOnce, CountAndReadAsync);
    }

    public Task<OrderView?> CountAndReadAsync(string gatewayOrderId, CancellationToken cancellationToken) => _polls.AskAsync(gatewayOrderId, cancellationToken);

    public void Dispose() => _nudged.Dispose();

    private async Task<IReadOnlyList<OrderView?>> CountAndReadAsync(IReadOnlyList<string> polls, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<RechargeDbContext>();
        var unit = scope.ServiceProvider.GetRequiredService<IUnitOfWork>();

        var counts = polls.CountBy(id => id).ToDictionary(StringComparer.Ordinal);
        var ids = await FindAsync(db, counts.Keys, limit.Token);
        if (ids.Count == 0) return new OrderView?[polls.Count];
        var statements = Statements(db, ids.Values, ids.ToDictionary(i => i.Value, i => counts[i.Key]));
        var views = await unit.ExecuteAsync(cancel => ReadAsync(db, statements, several: ids.Count > 1, cancel), limit.Token);
        // Each has a count of its own: the last of an order's polls the one that was stored.
        return [.. polls.Select(id => views.TryGetValue(id, out var view) ? view with { Checks = view.Checks - --counts[id] } : null)];
    }

    private static async Task<Dictionary<string, long>> FindAsync(RechargeDbContext db, IReadOnlyCollection<string> gatewayOrderIds, CancellationToken cancellationToken)
    {
        var names = gatewayOrderIds.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"@p{i}"));
        return await db.Database.CreateExecutionStrategy().ExecuteAsync(async cancel =>
        {
            await db.Database.OpenConnectionAsync(cancel);
            try
            {
                await using var command = db.Database.GetDbConnection().CreateCommand();
                command.CommandText = $"SELECT GatewayOrderId, Id FROM Orders WHERE GatewayOrderId IN ({string.Join(", ", names)})";
                foreach (var (name, id) in names.Zip(gatewayOrderIds)) AddParameter(command, name, id);
                var found = new Dictionary<string, long>(StringComparer.Ordinal);
                await using var reader = await command.ExecuteReaderAsync(cancel);
                while (await reader.ReadAsync(cancel)) found.Add(reader.GetString(0), reader.GetInt64(1));
                return found;
            }
            finally
            {
                await db.Database.CloseConnectionAsync();
            }
        }, cancellationToken);
    }

    /// <summary>One command for all of it. Rows are locked in the order of their keys, whoever asks about them.</summary>
    private string Statements(RechargeDbContext db, IEnumerable<long> ids, Dictionary<long, int> counts)
    {
        var now = _clock.GetUtcNow();
        var several = counts.Where(c => c.Value > 1).Select(c => string.Create(CultureInfo.InvariantCulture, $" WHEN {c.Key} THEN {c.Value}")).ToList();
        var more = several.Count == 0 ? "1" : $"CASE OrderId{string.Concat(several)} ELSE 1 END";
        var update = db.WaitBriefly + $"UPDATE OrderChecks SET Count = Count + {more} WHERE OrderId IN ({In(ids)});\n";
        var nudged = ids.Where(id => IsNudge(id, now)).ToList();
        if (nudged.Count > 0)
        {
            var recent = now - CheckSchedule.NudgeEvery;
            update += db.WaitBriefly + string.Create(CultureInfo.InvariantCulture, $"""
                UPDATE PendingChecks SET DueAt = {now.ToUnixTimeMilliseconds()}
                WHERE OrderId IN ({In(nudged)}) AND DueAt > {now.ToUnixTimeMilliseconds()} AND (AskedAt IS NULL OR AskedAt <= {recent.ToUnixTimeMilliseconds()});

                """);
        }
        return update + $"""
            SELECT o.Id, o.Uid, o.Purchase_Kind, o.Status, o.GatewayOrderId, o.Title, o.AmountFen, o.Purchase_CreditType, o.Purchase_Credits,
                o.Purchase_Seconds, k.Code, o.Attach, o.CreatedAt, o.PaidAt, c.Count
            FROM OrderChecks c JOIN Orders o ON o.Id = c.OrderId LEFT JOIN Kamis k ON k.OrderId = c.OrderId
            WHERE c.OrderId IN ({In(ids)})
            """;
    }

    // Polls come every second; the database hears of one in twenty.
    private bool IsNudge(long orderId, DateTimeOffset now)
    {
        if (_nudged.TryGetValue(orderId, out DateTimeOffset last) && now - last < CheckSchedule.NudgeEvery) return false;
        _nudged.Set(orderId, now, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = CheckSchedule.NudgeEvery });
        return true;
    }

    private static async Task<Dictionary<string, OrderView>> ReadAsync(RechargeDbContext db, string statements, bool several, CancellationToken cancellationToken)
    {
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction!.GetDbTransaction();
        command.CommandText = statements;
        try
        {
            return await ReadAsync(command, cancellationToken);
        }
        catch (MySqlException exception) when (several && exception.ErrorCode == MySqlErrorCode.LockWaitTimeout)
        {
            // One order's counter is held by somebody who hangs: the others do not wait for it again.
            throw new InvalidOperationException("A counter is locked.", exception);
        }
    }

    private static async Task<Dictionary<string, OrderView>> ReadAsync(DbCommand command, CancellationToken cancellationToken)
    {
        var views = new Dictionary<string, OrderView>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var kind = (PurchaseKind)reader.GetInt32(2);
            var fulfilled = (OrderStatus)reader.GetInt32(3) == OrderStatus.Fulfilled;
            views.Add(reader.GetString(4), new OrderView
            {
                Id = reader.GetInt64(0),
                Uid = reader.GetInt64(1),
                Kind = kind,
                IsFulfilled = fulfilled,
                GatewayOrderId = reader.GetString(4),
                Title = reader.GetString(5),
                AmountFen = reader.GetInt64(6),
                CreditType = reader.GetInt32(7),
                Credits = kind == PurchaseKind.Credits ? reader.GetInt64(8) : 0,
                Seconds = kind == PurchaseKind.CardTime ? reader.GetInt64(9) : 0,
                KamiCode = fulfilled && !reader.IsDBNull(10) ? reader.GetString(10) : null,
                Attach = reader.GetString(11),
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(12)),
                PaidAt = fulfilled && !reader.IsDBNull(13) ? DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(13)) : null,
                Checks = reader.GetInt64(14),
            });
        }
        return views;
    }

    private static string In(IEnumerable<long> ids) => string.Join(", ", ids.Select(id => id.ToString(CultureInfo.InvariantCulture)));

    private static void AddParameter(DbCommand command, string name, string value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}
