using PayRecharge.Application.Payments;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>
/// Stores an order, asks the gateway for a payment code and stores the answer: two commits with the call between them. A notice
/// can arrive before the answer, and after a crash only the stored number links a payment to its order.
/// </summary>
internal sealed class OrderPlacement(
    IOrderRepository orders, PaymentGateways gateways, IUnitOfWork unit, OpenOrderLimits limits, TimeProvider clock)
{
    private const int Draws = 5;

    /// <summary>Places an order for a buyer.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.TooManyOpenOrders"/>: nothing was stored;
    /// <see cref="Refusal.GatewayFailed"/>: the order stays pending; the client does not see it.</exception>
    public async Task<PlacementOutcome> PlaceAsync(
        long uid, Purchase purchase, long amountFen, IOrderRequest request, RechargeSettings settings, CancellationToken cancellationToken)
    {
        var merchant = settings.Merchant ?? throw new RefusedException(Refusal.GatewayNotConfigured);
        var gateway = gateways.Of(merchant.Gateway);
        var notifyUrl = gateway.NotifyUrl(settings.NotifyBaseUrl) ?? throw new RefusedException(Refusal.GatewayNotConfigured);
        var order = await StoreAsync(number => Order.Place(
            number, merchant.Gateway, merchant.Id, merchant.Number, gateway.Mode, uid, purchase, amountFen, request.Title, request.Attach, request.Channel, clock.GetUtcNow()),
            uid, request.Caller, gateway.Schedule, settings, cancellationToken);

        // From here on the gateway may have the order: store its answer even if the client disconnects.
        PlacementOutcome outcome;
        try
        {
            outcome = await gateway.PlaceAsync(order, merchant, notifyUrl, CancellationToken.None);
        }
        catch (RefusedException)
        {
            // The buyer got no code: a failing gateway must not use up the open-order limits.
            await orders.GiveUpPlaceAsync(order.Id, CancellationToken.None);
            throw;
        }
        if (outcome is PaymentCode given && await orders.TryAttachGatewayOrderAsync(order.Id, given.GatewayOrderId, CancellationToken.None)) return outcome;
        // The order already has an id from an earlier notice, or the gateway refused it.
        await unit.ExecuteAsync(async cancel =>
        {
            var stored = await orders.LockAsync(order.Id, cancel) ?? throw new InvalidOperationException($"Order {order.Number} is gone.");
            if (outcome is PaymentCode code) stored.AttachGatewayOrder(code.GatewayOrderId);
            else stored.Close(Order.RefusedByGateway + ((GatewayRefusal)outcome).Message);
            return true;
        }, CancellationToken.None);
        return outcome;
    }

    private async Task<Order> StoreAsync(Func<string, Order> place, long uid, string caller, CheckSchedule schedule, RechargeSettings settings, CancellationToken cancellationToken)
    {
        var site = TimeZoneInfo.FindSystemTimeZoneById(settings.TimeZone);
        for (var draw = 1; ; draw++)
        {
            try
            {
                return await unit.ExecuteAsync(async cancel =>
                {
                    var open = await orders.CountOpenAsync(uid, caller, cancel);
                    if (OpenOrderLimits.Forbid(open.OfUser, limits.PerUser)) throw new RefusedException(Refusal.TooManyOpenOrders, $"account {uid} has {open.OfUser}");
                    if (OpenOrderLimits.Forbid(open.OfCaller, limits.PerAddress)) throw new RefusedException(Refusal.TooManyOpenOrders, $"{caller} has {open.OfCaller}");
                    var order = place(OrderNumber.Draw(clock.GetUtcNow(), site));
                    // An address may be a shop's server, or shared by many buyers, so its orders weigh less.
                    orders.Add(order, schedule.Next(order.CreatedAt, order.CreatedAt)!.Value, caller, turn: open.OfUser + (open.OfCaller / 10));
                    return order;
                }, cancellationToken);
            }
            catch (UniqueConstraintException) when (draw < Draws)
            {
                // Another order of the same second has the same digits.
            }
        }
    }
}
