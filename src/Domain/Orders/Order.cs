using PayRecharge.Domain.Payments;

namespace PayRecharge.Domain.Orders;

/// <summary>A purchase for which a payment code was asked for. It is stored before the gateway hears of it.</summary>
public sealed class Order
{
    /// <summary>How the remark on an order begins for which the gateway gave no code. Nobody can have paid it.</summary>
    public const string RefusedByGateway = "refused by the gateway: ";

    /// <summary>How long a refund call has an order to itself: longer than the gateway takes to answer, under several keys in turn.</summary>
    public static TimeSpan RefundCallLasts => TimeSpan.FromMinutes(2);

    private const string PaidTwice = "paid twice at the gateway: transactions";

    private Order() { }

    /// <summary>The row's id; ids have gaps.</summary>
    public long Id { get; private set; }
    /// <summary>The merchant's number of the order (<see cref="OrderNumber"/>), unique.</summary>
    public string Number { get; private set; } = "";
    /// <summary>The code of the gateway that takes the money. A gateway's merchants and ids mean nothing at another one.</summary>
    public string Gateway { get; private set; } = "";
    /// <summary>The merchant the money goes to; a payment to any other is not this order's.</summary>
    public string MerchantId { get; private set; } = "";
    /// <summary>The number of the merchant's key that the order was made under; 0: made before keys had numbers.</summary>
    public int KeyNumber { get; private set; }
    /// <summary>The mode the order was made under.</summary>
    public GatewayMode Mode { get; private set; }
    /// <summary>The account of the buyer.</summary>
    public long Uid { get; private set; }
    /// <summary>What is bought.</summary>
    public Purchase Purchase { get; private set; } = null!;
    /// <summary>The price in fen.</summary>
    public long AmountFen { get; private set; }
    /// <summary>The title the buyer sees when paying.</summary>
    public string Title { get; private set; } = "";
    /// <summary>The client's own text, returned unchanged.</summary>
    public string Attach { get; private set; } = "";
    /// <summary>The wallet to pay with.</summary>
    public PaymentChannel Channel { get; private set; }
    /// <summary>Where the order stands. Only <see cref="OrderStatus.Fulfilled"/> shows as paid to clients.</summary>
    public OrderStatus Status { get; private set; }
    /// <summary>The gateway's id of the order, unique at that gateway; absent until the gateway has answered or notified.</summary>
    public string? GatewayOrderId { get; private set; }
    /// <summary>The wallet's id of the payment.</summary>
    public string? TransactionId { get; private set; }
    /// <summary>When the order was made (UTC).</summary>
    public DateTimeOffset CreatedAt { get; private set; }
    /// <summary>When the buyer paid, by the gateway's clock (UTC).</summary>
    public DateTimeOffset? PaidAt { get; private set; }
    /// <summary>When delivery was committed (UTC).</summary>
    public DateTimeOffset? FulfilledAt { get; private set; }
    /// <summary>When a refund was asked for (UTC). Until its outcome is known, nothing more is delivered.</summary>
    public DateTimeOffset? RefundRequestedAt { get; private set; }
    /// <summary>Until when (UTC) one refund call has the order to itself; absent: no call is under way.</summary>
    public DateTimeOffset? RefundClaimedUntil { get; private set; }
    /// <summary>When the refund was known to be done (UTC).</summary>
    public DateTimeOffset? RefundedAt { get; private set; }
    /// <summary>Whether the money came after the order had been closed.</summary>
    public bool PaidLate { get; private set; }
    /// <summary>Why an admin should look at the order; absent where nothing is odd.</summary>
    public string? Attention { get; private set; }

    /// <summary>Makes a pending order.</summary>
    public static Order Place(
        string number, string gateway, string merchantId, int keyNumber, GatewayMode mode, long uid, Purchase purchase, long amountFen,
        string title, string attach, PaymentChannel channel, DateTimeOffset now) => new()
        {
            Number = number,
            Gateway = gateway,
            MerchantId = merchantId,
            KeyNumber = keyNumber,
            Mode = mode,
            Uid = uid,
            Purchase = purchase,
            AmountFen = amountFen > 0 ? amountFen : throw new RefusedException(Refusal.AmountInvalid),
            Title = title,
            Attach = attach,
            Channel = channel,
            Status = OrderStatus.Pending,
            CreatedAt = now,
        };

    /// <summary>Takes the id the gateway gave the order. The same id again changes nothing, another one is marked for an admin and not taken.</summary>
    public void AttachGatewayOrder(string gatewayOrderId)
    {
        if (GatewayOrderId is null) GatewayOrderId = gatewayOrderId;
        else if (GatewayOrderId != gatewayOrderId) MarkForAttention($"the gateway also named it {gatewayOrderId}");
    }

    /// <summary>Ends an order nobody has paid; any other state stays.</summary>
    /// <param name="reason">Shown to admins.</param>
    public void Close(string? reason = null)
    {
        if (Status != OrderStatus.Pending) return;
        Status = OrderStatus.Closed;
        if (reason is not null) MarkForAttention(reason);
    }

    /// <summary>
    /// Takes a payment that is known to be genuine. On <see cref="PaymentConfirmation.FirstTime"/> the caller delivers in the same
    /// transaction and then calls <see cref="Fulfil"/> or <see cref="RefuseFulfilment"/>.
    /// </summary>
    public PaymentConfirmation ConfirmPaid(Payments.ReportedPayment payment)
    {
        if (payment.Gateway != Gateway) return PaymentConfirmation.OtherGateway;
        if (payment.MerchantId != MerchantId || payment.Mode != Mode) return PaymentConfirmation.OtherMerchant;
        if (payment.AmountFen != AmountFen) return PaymentConfirmation.OtherAmount;
        // A notice can arrive before the reply that names the id, or after a crash that lost it: the number alone then links the two.
        if (GatewayOrderId is not null && payment.GatewayOrderId != GatewayOrderId) return PaymentConfirmation.OtherGatewayOrder;
        if (Status is OrderStatus.Fulfilled or OrderStatus.NeedsAttention or OrderStatus.Refunded) return PaymentConfirmation.Already;

        PaidLate = Status == OrderStatus.Closed;
        GatewayOrderId = payment.GatewayOrderId;
        TransactionId = payment.TransactionId;
        PaidAt = payment.PaidAt;
        return PaymentConfirmation.FirstTime;
    }

    /// <summary>
    /// Takes a genuine report of a payment of an order that is paid. An id that was not known is kept; another one means that the
    /// buyer paid twice at the gateway, which is marked for an admin.
    /// </summary>
    public void TakeAnotherPayment(Payments.ReportedPayment payment)
    {
        // An admin's word has no id, and the gateway may leave it out of an answer.
        if (payment.TransactionId.Length == 0 || payment.TransactionId == TransactionId) return;
        if (string.IsNullOrEmpty(TransactionId)) TransactionId = payment.TransactionId;
        else MarkForAttention($"{PaidTwice} {TransactionId} and {payment.TransactionId}");
    }

    /// <summary>Takes the remark for admins away: an admin has seen to it.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.OrderUnsettled"/>: the remark tells of money that is on its way.</exception>
    public void DismissAttention()
    {
        if (Status == OrderStatus.NeedsAttention) throw new RefusedException(Refusal.OrderUnsettled, "the order is paid and not delivered: deliver it or refund it");
        if (RefundRequestedAt is not null && Status != OrderStatus.Refunded)
            throw new RefusedException(Refusal.OrderUnsettled, "the outcome of a refund is open: ask for the refund again");
        Attention = null;
    }

    /// <summary>Ends a payment whose goods are delivered in the same transaction, at once or after an admin saw to it.</summary>
    public void Fulfil(DateTimeOffset now)
    {
        RequirePaid();
        if (Status == OrderStatus.NeedsAttention) Attention = SecondPayment;
        Status = OrderStatus.Fulfilled;
        FulfilledAt = now;
    }

    /// <summary>Ends a payment whose goods could not be delivered: the money is there, an admin has to act.</summary>
    public void RefuseFulfilment(Refusal refusal)
    {
        RequirePaid();
        Status = OrderStatus.NeedsAttention;
        MarkForAttention($"paid, but not delivered: {refusal}");
    }

    /// <summary>
    /// Marks that the gateway is about to be asked for a refund: should its answer be lost, the order shows that it was. The caller
    /// has the order to itself for <see cref="RefundCallLasts"/>, until it ends the call.
    /// </summary>
    /// <param name="reason">Shown to admins.</param>
    /// <param name="now">The time (UTC).</param>
    /// <returns>False if the money has gone back before.</returns>
    /// <exception cref="RefusedException"><see cref="Refusal.OrderUnpaid"/>; <see cref="Refusal.RefundUnderWay"/>: another call has the order.</exception>
    public bool BeginRefund(string reason, DateTimeOffset now)
    {
        if (Status == OrderStatus.Refunded) return false;
        if (Status is not (OrderStatus.Fulfilled or OrderStatus.NeedsAttention)) throw new RefusedException(Refusal.OrderUnpaid);
        // A claim that ends later than any call was made under a clock that was ahead.
        if (RefundClaimedUntil > now && RefundClaimedUntil <= now + RefundCallLasts)
            throw new RefusedException(Refusal.RefundUnderWay, $"another call asks the gateway for this refund; if it is broken off, ask again after {RefundClaimedUntil:u}");
        // Whole milliseconds, as they are stored: the claim tells one call from another.
        RefundClaimedUntil = DateTimeOffset.FromUnixTimeMilliseconds((now + RefundCallLasts).ToUnixTimeMilliseconds());
        RefundRequestedAt ??= now;
        MarkForAttention($"a refund was asked for and is not confirmed: {reason}");
        return true;
    }

    /// <summary>Lets the order go after a refund call whose outcome is not known; a later call's claim stays.</summary>
    /// <param name="claim">What <see cref="RefundClaimedUntil"/> was when the call began.</param>
    public void ReleaseRefund(DateTimeOffset? claim)
    {
        if (RefundClaimedUntil == claim) RefundClaimedUntil = null;
    }

    /// <summary>Takes back that a refund was asked for: the gateway refused it.</summary>
    /// <param name="reason">Shown to admins.</param>
    /// <param name="claim">What <see cref="RefundClaimedUntil"/> was when the call began.</param>
    /// <returns>False if the money went back meanwhile, or a later call has the order; nothing was changed.</returns>
    public bool EndRefund(string reason, DateTimeOffset? claim)
    {
        if (Status == OrderStatus.Refunded || RefundClaimedUntil != claim) return false;
        RefundRequestedAt = null;
        RefundClaimedUntil = null;
        MarkForAttention(reason);
        return true;
    }

    /// <summary>Ends an order whose money went back; what was delivered is taken back in the same transaction. Whatever another call was told, the money is gone.</summary>
    /// <param name="kept">What could not be taken back, for admins; absent where all was.</param>
    /// <param name="now">The time (UTC).</param>
    public void Refund(string? kept, DateTimeOffset now)
    {
        if (Status is not (OrderStatus.Fulfilled or OrderStatus.NeedsAttention)) throw new InvalidOperationException($"Order {Number} is not paid, or was refunded before.");
        RefundRequestedAt ??= now;
        RefundClaimedUntil = null;
        Status = OrderStatus.Refunded;
        RefundedAt = now;
        Attention = SecondPayment;
        if (kept is not null) MarkForAttention(kept);
    }

    /// <summary>Leaves a remark for admins. The newest stands, after that of a second payment.</summary>
    public void MarkForAttention(string reason)
    {
        if (SecondPayment is { } second && !reason.StartsWith(PaidTwice, StringComparison.Ordinal)) reason = $"{second}; {reason}";
        // A reason may quote the gateway or an admin; SQLite reads a text up to its first NUL.
        reason = reason.Replace("\0", "%00", StringComparison.Ordinal);
        Attention = reason.Length <= 255 ? reason : reason[..255];
    }

    /// <summary>The remark that there was a second payment: it stays until an admin dismisses it.</summary>
    private string? SecondPayment => Attention?.StartsWith(PaidTwice, StringComparison.Ordinal) == true ? Attention.Split(';')[0] : null;

    private void RequirePaid()
    {
        if (PaidAt is null || Status is OrderStatus.Fulfilled or OrderStatus.Refunded)
            throw new InvalidOperationException($"Order {Number} is not paid, or was delivered or refunded before.");
    }
}
