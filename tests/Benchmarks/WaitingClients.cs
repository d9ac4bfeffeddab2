using System.Collections.Concurrent;
using System.Diagnostics;

namespace PayRecharge.Benchmarks;

/// <summary>The cost of a thousand clients that wait for a payment instead of polling, and the delay of their replies.</summary>
internal sealed record WaitingFigures(double CorePercent, IReadOnlyList<double> SameMilliseconds, IReadOnlyList<double> OtherMilliseconds);

/// <summary>
/// Half of the clients with a paid order wait at the server that receives the notice, half at another on the same database. The answer
/// to a notice proves that the payment is committed; the time runs from that answer to the end of the client's reply.
/// </summary>
internal static class WaitingClients
{
    private const int Clients = 1000;
    private const int Paid = 100;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    public static async Task<WaitingFigures> RunAsync(Site site)
    {
        await using var other = await site.StartAnotherAsync();
        var first = await site.Seeding.AddPendingAsync(Clients + Paid);
        using var here = Client(site.Product.Address);
        using var there = Client(other.Address);
        var ended = new ConcurrentDictionary<long, long>();
        // The thousand clients wait at one server, unpaid, while its processor time is measured.
        var waiting = Range(first, Clients).Select(id => WaitAsync(here, id, ended)).ToList();
        await CountedAsync(site, first, Clients);
        // Wait until the first nudges are over.
        await Task.Delay(TimeSpan.FromSeconds(2));
        var (cpu, started) = (ProcessFigures.Cpu(site.Product.Id), Stopwatch.GetTimestamp());
        await Task.Delay(Quiet);
        var percent = (ProcessFigures.Cpu(site.Product.Id) - cpu) / Stopwatch.GetElapsedTime(started).TotalMicroseconds * 100;

        var paid = Range(first + Clients, Paid).ToList();
        waiting.AddRange(paid.Select((id, i) => WaitAsync(i % 2 == 0 ? here : there, id, ended)));
        await CountedAsync(site, first + Clients, Paid);
        var committed = new Dictionary<long, long>();
        using var gateway = Client(site.Product.Address);
        foreach (var id in paid)
        {
            if (await Call.Notice(id).SendAsync(gateway) is not "success") throw new InvalidOperationException($"The notice of order {id} was not taken.");
            committed[id] = Stopwatch.GetTimestamp();
        }
        await Task.WhenAll(waiting);
        return new(percent, Delays(0), Delays(1));

        // A client's reply may arrive before the answer to the notice.
        List<double> Delays(int parity) =>
            [.. paid.Where((_, i) => i % 2 == parity).Select(id => Math.Max(0, Stopwatch.GetElapsedTime(committed[id], ended[id]).TotalMilliseconds))];
    }

    private static HttpClient Client(Uri address) => new(new SocketsHttpHandler { MaxConnectionsPerServer = 2 * Clients }) { BaseAddress = address, Timeout = TimeSpan.FromMinutes(1) };

    private static IEnumerable<long> Range(long first, int count) => Enumerable.Range(0, count).Select(i => first + i);

    private static async Task WaitAsync(HttpClient http, long id, ConcurrentDictionary<long, long> ended)
    {
        if (!(await Call.WaitFor(id).SendAsync(http)).Contains("\"code\":200", StringComparison.Ordinal)) throw new InvalidOperationException($"Waiting for order {id} failed.");
        ended[id] = Stopwatch.GetTimestamp();
    }

    private static Task CountedAsync(Site site, long first, int count) => IntegrationTests.Support.Eventually.HoldsAsync(async () =>
        await site.Store.NumberAsync($"SELECT COUNT(*) FROM OrderChecks WHERE OrderId >= {first} AND OrderId < {first + count} AND Count > 3") == count);
}
