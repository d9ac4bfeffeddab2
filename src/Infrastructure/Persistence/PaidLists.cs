using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using PayRecharge.Application;
using PayRecharge.Application.Orders;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Infrastructure.Persistence;

/// <summary>
/// Reads the login of a token, then the paid orders of its user. The statements are hand-written, and concurrent callers share them
/// (<see cref="Collector{TQuestion,TAnswer}"/>).
/// </summary>
internal sealed class PaidLists
{
    private const int LoginsInACall = 128;

    /// <summary>Few, since lists may be long, and all callers in a batch wait for the whole batch; more are not cheaper.</summary>
    private const int ListsInACall = 16;

    /// <summary>While the rows of one call are read, the database executes the other.</summary>
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

    // The orders are selected from the index only, and joined once.
    private string Statement(IReadOnlyList<Cut> cuts) => $"""
        SELECT {OrderRow.Columns(_clients)}, p.List
        FROM ({string.Join(" UNION ALL ", cuts.Select(Pick))}) AS p
        JOIN Orders o ON o.Id = p.Id JOIN OrderChecks c ON c.OrderId = p.Id LEFT JOIN Kamis k ON k.OrderId = p.Id
        ORDER BY o.CreatedAt DESC, o.Id DESC
        """;

    // SQLite allows a LIMIT inside a UNION only in a subquery.
    private static string Pick(Cut cut, int list) => string.Create(CultureInfo.InvariantCulture, $"""
        SELECT List, Id FROM (SELECT {list} AS List, Id FROM Orders WHERE Uid = {cut.Uid} AND Status = {(int)OrderStatus.Fulfilled}
        ORDER BY CreatedAt DESC, Id DESC LIMIT {cut.Take} OFFSET {cut.Skip}) AS p{list}
        """);

    private readonly record struct Cut(long Uid, long Skip, int Take);
}
