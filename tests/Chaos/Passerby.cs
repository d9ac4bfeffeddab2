namespace PayRecharge.Chaos;

/// <summary>
/// One who pays codes that no buyer was ever shown: the order call's answer was lost, and the money comes all the same. And who has
/// the gateway notify of old payments again.
/// </summary>
internal sealed class Passerby(World world, Records records)
{
    public async Task RunAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(500, CancellationToken.None);
            // Long enough for the answer to have come, if it was to come.
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
