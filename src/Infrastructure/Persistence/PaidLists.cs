using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Application;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// What clients ask to list what they have paid for: whose token it is, then the orders. Statements written by hand, shared by those
/// who ask at the same time (<see cref="Collector{TQuestion,TAnswer}"/>).
/// </summary>
internal sealed class PaidLists
{
    private const int LoginsInACall = 128;

    /// <summary>Few, since lists may be long, and who shares a call waits for all of it; more do not make it cheaper.</summary>
    private const int ListsInACall = 16;

    /// <summary>While the rows of one call are read, the database works on the other.</summary>
    private const int ListCalls = 2;

    private readonly ClientGateway _clients;
    private readonly Collector<string, Login?> _logins;
    private readonly Collector<Cut, IReadOnlyList<OrderView>> _lists;

    public PaidLists(IServiceScopeFactory scopes, ClientGateway clients)
    {
        _clients = clients;
        _logins = new(LoginsInACall, (hashes, cancel) => SharedCall.MakeAsync(scopes, (db, retry) => FindLoginsAsync(db, hashes, retry), cancel));
        _lists = new(ListsInACall, (cuts, cancel) => SharedCall.MakeAsync(scopes, (db, retry) => ReadAsync(db, cuts, retry), cancel), ListCalls);
    }

    /// <summary>Finds a login by its token's hash.</summary>
    public Task<Login?> FindLoginAsync(string hash, CancellationToken cancellationToken) => _logins.AskAsync(hash, cancellationToken);

    /// <summary>Reads fulfilled orders of a buyer, newest first.</summary>
    public Task<IReadOnlyList<OrderView>> ReadAsync(long uid, long skip, int take, CancellationToken cancellationToken) => _lists.AskAsync(new(uid, skip, take), cancellationToken);

    private static async Task<IReadOnlyList<Login?>> FindLoginsAsync(RechargeDbContext db, IReadOnlyList<string> hashes, CancellationToken cancellationToken)
    {
        await using var command = SharedCall.Command(db,
            "SELECT t.Hash, t.Uid, t.ExpiresAt, a.Enabled FROM AccountTokens t LEFT JOIN UserAccounts a ON a.Uid = t.Uid WHERE t.Hash IN", [.. hashes.Distinct(StringComparer.Ordinal)]);
        var found = new Dictionary<string, Login>(StringComparer.Ordinal);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found.Add(reader.GetString(0), new Login(
                reader.GetInt64(1),
                reader.IsDBNull(2) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2)),
                reader.IsDBNull(3) ? null : reader.GetBoolean(3)));
        }
        return [.. hashes.Select(found.GetValueOrDefault)];
    }

    private async Task<IReadOnlyList<IReadOnlyList<OrderView>>> ReadAsync(RechargeDbContext db, IReadOnlyList<Cut> cuts, CancellationToken cancellationToken)
    {
        var lists = cuts.Select(_ => new List<OrderView>()).ToArray();
        await using var command = SharedCall.Command(db, Statement(cuts));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) lists[reader.GetInt32(OrderRow.Width)].Add(OrderRow.Read(reader));
        return lists;
    }

    // The orders are picked in the index alone, and joined with the rest but once.
    private string Statement(IReadOnlyList<Cut> cuts) => $"""
        SELECT {OrderRow.Columns(_clients)}, p.List
        FROM ({string.Join(" UNION ALL ", cuts.Select(Pick))}) AS p
        JOIN Orders o ON o.Id = p.Id JOIN OrderChecks c ON c.OrderId = p.Id LEFT JOIN Kamis k ON k.OrderId = p.Id
        ORDER BY o.CreatedAt DESC, o.Id DESC
        """;

    // SQLite takes no LIMIT in a part of a UNION but one level deeper.
    private static string Pick(Cut cut, int list) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT List, Id FROM (SELECT {list} AS List, Id FROM Orders WHERE Uid = {cut.Uid} AND Status = {(int)OrderStatus.Fulfilled}
        ORDER BY CreatedAt DESC, Id DESC LIMIT {cut.Take} OFFSET {cut.Skip}) AS p{list}
        """);

    private readonly record struct Cut(long Uid, long Skip, int Take);
}
