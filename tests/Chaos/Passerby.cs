namespace PayRecharge.Chaos;

/// <summary>
/// Pays codes that no buyer was shown, because the order call's answer was lost: the money comes anyway. Also makes the gateway
/// resend notices of old payments.
/// </summary>
internal sealed class Passerby(World world, Records records)
{
    public async Task RunAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(500, CancellationToken.None);
            // After 16 seconds, longer than the client's time limit, an order's answer is lost.
            var newest = await world.Gateway.NewestAsync();
            foreach (var order in newest.Where(o => o.State == "paid").Take(3)) _ = world.Gateway.NotifyAsync(order.Id);
            var lost = newest.Where(o => o.State == "unpaid" && !records.Purchases.ContainsKey(o.Id)
                && TimeProvider.System.GetUtcNow() - o.Created > TimeSpan.FromSeconds(16)).ToList();
            foreach (var order in lost)
            {
                records.Purchases[order.Id] = new Purchase(order.Id, order.Number, order.Fen) { TriedToPay = true };
                await world.Gateway.PayAsync(order.Id);
            }
        }
    }
}
