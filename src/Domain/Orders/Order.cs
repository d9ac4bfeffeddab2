using PayRecharge.Domain.Payments;

namespace PayRecharge.Domain.Orders;

/// <summary>A purchase and its payment. It is stored before the gateway is asked for a payment code.</summary>
public sealed class Order
{
    /// <summary>The start of the remark on an order for which the gateway gave no code. Such an order cannot have been paid.</summary>
    public const string RefusedByGateway = "refused by the gateway: ";

    /// <summary>How long a refund call may claim an order: longer than the gateway takes to answer, trying several keys in turn.</summary>
    public static TimeSpan RefundCallLasts => TimeSpan.FromMinutes(2);

    private const string PaidTwice = "paid twice at the gateway: transactions";

    private Order() { }

    /// <summary>The row's id; ids have gaps.</summary>
    public long Id { get; private set; }
    /// <summary>The merchant's number of the order (<see cref="OrderNumber"/>), unique.</summary>
    public string Number { get; private set; } = "";
    /// <summary>The code of the gateway that takes the money. Merchants and ids are valid only at their own gateway.</summary>
    public string Gateway { get; private set; } = "";
    /// <summary>The merchant that receives the money. A payment to another merchant does not pay this order.</summary>
    public string MerchantId { get; private set; } = "";
    /// <summary>The number of the merchant's key at the order's creation; 0: created before keys had numbers.</summary>
    public int KeyNumber { get; private set; }
    /// <summary>The mode at the order's creation.</summary>
    public GatewayMode Mode { get; private set; }
    /// <summary>The user id of the buyer.</summary>
    public long Uid { get; private set; }
    /// <summary>The goods.</summary>
    public Purchase Purchase { get; private set; } = null!;
    /// <summary>The price in fen.</summary>
    public long AmountFen { get; private set; }
    /// <summary>The title the buyer sees when paying.</summary>
    public string Title { get; private set; } = "";
    /// <summary>The client's own text, returned unchanged.</summary>
    public string Attach { get; private set; } = "";
    /// <summary>The wallet to pay with.</summary>
    public PaymentChannel Channel { get; private set; }
    /// <summary>The state of the order. Clients see only <see cref="OrderStatus.Fulfilled"/> as paid.</summary>
    public OrderStatus Status { get; private set; }
    /// <summary>The gateway's id of the order, unique at that gateway; absent until the gateway's reply or notice.</summary>
    public string? GatewayOrderId { get; private set; }
    /// <summary>The wallet's id of the payment.</summary>
    public string? TransactionId { get; private set; }
    /// <summary>When the order was created (UTC).</summary>
    public DateTimeOffset CreatedAt { get; private set; }
    /// <summary>When the buyer paid, by the gateway's clock (UTC).</summary>
    public DateTimeOffset? PaidAt { get; private set; }
    /// <summary>When the delivery was committed (UTC).</summary>
    public DateTimeOffset? FulfilledAt { get; private set; }
    /// <summary>When a refund was requested (UTC). Until its outcome is known, nothing more is delivered.</summary>
    public DateTimeOffset? RefundRequestedAt { get; private set; }
    /// <summary>Until when one refund call has claimed the order (UTC); absent: no call is in progress.</summary>
    public DateTimeOffset? RefundClaimedUntil { get; private set; }
    /// <summary>When the refund was confirmed (UTC).</summary>
    public DateTimeOffset? RefundedAt { get; private set; }
    /// <summary>Whether the payment arrived after the order was closed.</summary>
    public bool PaidLate { get; private set; }
    /// <summary>Why an admin should look at the order; absent if there is no reason.</summary>
    public string? Attention { get; private set; }

    /// <summary>Creates a pending order.</summary>
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

    /// <summary>Sets the gateway's id of the order. A second, different id is not stored but marked for an admin.</summary>
    public void AttachGatewayOrder(string gatewayOrderId)
    {
        if (GatewayOrderId is null) GatewayOrderId = gatewayOrderId;
        else if (GatewayOrderId != gatewayOrderId) MarkForAttention($"the gateway also named it {gatewayOrderId}");
    }

    /// <summary>Closes a pending order. An order in any other state does not change.</summary>
    /// <param name="reason">Shown to admins.</param>
    public void Close(string? reason = null)
    {
        if (Status != OrderStatus.Pending) return;
        Status = OrderStatus.Closed;
        if (reason is not null) MarkForAttention(reason);
    }

    /// <summary>
    /// Applies a payment that is known to be genuine. On <see cref="PaymentConfirmation.FirstTime"/> the caller must deliver in the same
    /// transaction and then call <see cref="Fulfil"/> or <see cref="RefuseFulfilment"/>.
    /// </summary>
    public PaymentConfirmation ConfirmPaid(Payments.ReportedPayment payment)
    {
        if (payment.Gateway != Gateway) return PaymentConfirmation.OtherGateway;
        if (payment.MerchantId != MerchantId || payment.Mode != Mode) return PaymentConfirmation.OtherMerchant;
        if (payment.AmountFen != AmountFen) return PaymentConfirmation.OtherAmount;
        // A notice can arrive before the reply with the id, or after a crash that lost the reply: then only the number links the two.
        if (GatewayOrderId is not null && payment.GatewayOrderId != GatewayOrderId) return PaymentConfirmation.OtherGatewayOrder;
        if (Status is OrderStatus.Fulfilled or OrderStatus.NeedsAttention or OrderStatus.Refunded) return PaymentConfirmation.Already;

        PaidLate = Status == OrderStatus.Closed;
        GatewayOrderId = payment.GatewayOrderId;
        TransactionId = payment.TransactionId;
        PaidAt = payment.PaidAt;
        return PaymentConfirmation.FirstTime;
    }

    /// <summary>
    /// Handles a further genuine payment report for a paid order. A first transaction id is stored. A different one means that the
    /// buyer paid twice at the gateway: the order is marked for an admin.
    /// </summary>
    public void TakeAnotherPayment(Payments.ReportedPayment payment)
    {
        // An admin's word has no id, and the gateway may omit it in an answer.
        if (payment.TransactionId.Length == 0 || payment.TransactionId == TransactionId) return;
        if (string.IsNullOrEmpty(TransactionId)) TransactionId = payment.TransactionId;
        else MarkForAttention($"{PaidTwice} {TransactionId} and {payment.TransactionId}");
    }

    /// <summary>Removes the remark for admins, after an admin has handled it.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.OrderUnsettled"/>: a delivery or a refund is still open.</exception>
    public void DismissAttention()
    {
        if (Status == OrderStatus.NeedsAttention) throw new RefusedException(Refusal.OrderUnsettled, "the order is paid and not delivered: deliver it or refund it");
        if (RefundRequestedAt is not null && Status != OrderStatus.Refunded)
            throw new RefusedException(Refusal.OrderUnsettled, "the outcome of a refund is open: ask for the refund again");
        Attention = null;
    }

    /// <summary>Marks a paid order as fulfilled. Its goods are delivered in the same transaction.</summary>
    public void Fulfil(DateTimeOffset now)
    {
        RequirePaid();
        if (Status == OrderStatus.NeedsAttention) Attention = SecondPayment;
        Status = OrderStatus.Fulfilled;
        FulfilledAt = now;
    }

    /// <summary>Marks a paid order whose goods could not be delivered: an admin must act.</summary>
    public void RefuseFulfilment(Refusal refusal)
    {
        RequirePaid();
        Status = OrderStatus.NeedsAttention;
        MarkForAttention($"paid, but not delivered: {refusal}");
    }

    /// <summary>
    /// Records that the gateway is about to be asked for a refund, in case its answer is lost. The caller has claimed the order for
    /// <see cref="RefundCallLasts"/>, or until it ends the call.
    /// </summary>
    /// <param name="reason">Shown to admins.</param>
    /// <param name="now">The time (UTC).</param>
    /// <returns>False if the order is already refunded.</returns>
    /// <exception cref="RefusedException"><see cref="Refusal.OrderUnpaid"/>;
    /// <see cref="Refusal.RefundUnderWay"/>: another call has claimed the order.</exception>
    public bool BeginRefund(string reason, DateTimeOffset now)
    {
        if (Status == OrderStatus.Refunded) return false;
        if (Status is not (OrderStatus.Fulfilled or OrderStatus.NeedsAttention)) throw new RefusedException(Refusal.OrderUnpaid);
        // A claim that ends later than that was made under a clock that was ahead.
        if (RefundClaimedUntil > now && RefundClaimedUntil <= now + RefundCallLasts)
            throw new RefusedException(Refusal.RefundUnderWay, $"another call asks the gateway for this refund; if it is broken off, ask again after {RefundClaimedUntil:u}");
        // Whole milliseconds, as in the database: the claim's value identifies its call.
        RefundClaimedUntil = DateTimeOffset.FromUnixTimeMilliseconds((now + RefundCallLasts).ToUnixTimeMilliseconds());
        RefundRequestedAt ??= now;
        MarkForAttention($"a refund was asked for and is not confirmed: {reason}");
        return true;
    }

    /// <summary>Releases the claim of a refund call with an unknown outcome; a later call's claim stays.</summary>
    /// <param name="claim">The value of <see cref="RefundClaimedUntil"/> when the call began.</param>
    public void ReleaseRefund(DateTimeOffset? claim)
    {
        if (RefundClaimedUntil == claim) RefundClaimedUntil = null;
    }

    /// <summary>Cancels the refund request: the gateway refused it.</summary>
    /// <param name="reason">Shown to admins.</param>
    /// <param name="claim">The value of <see cref="RefundClaimedUntil"/> when the call began.</param>
    /// <returns>False if the order was refunded meanwhile or a later call has claimed it; nothing was changed.</returns>
    public bool EndRefund(string reason, DateTimeOffset? claim)
    {
        if (Status == OrderStatus.Refunded || RefundClaimedUntil != claim) return false;
        RefundRequestedAt = null;
        RefundClaimedUntil = null;
        MarkForAttention(reason);
        return true;
    }

    /// <summary>
    /// Marks the order as refunded, even if another call has claimed it: the money is gone. The goods are taken back in the same
    /// transaction.
    /// </summary>
    /// <param name="kept">The goods that could not be taken back, for admins; null if there are none.</param>
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

    /// <summary>Sets the remark for admins. It replaces an older remark, but follows one about a second payment.</summary>
    public void MarkForAttention(string reason)
    {
        if (SecondPayment is { } second && !reason.StartsWith(PaidTwice, StringComparison.Ordinal)) reason = $"{second}; {reason}";
        // A reason may quote the gateway or an admin; SQLite reads a text up to its first NUL.
        reason = reason.Replace("\0", "%00", StringComparison.Ordinal);
        Attention = reason.Length <= 255 ? reason : reason[..255];
    }

    /// <summary>The remark about a second payment. It stays until an admin dismisses it.</summary>
    private string? SecondPayment => Attention?.StartsWith(PaidTwice, StringComparison.Ordinal) == true ? Attention.Split(';')[0] : null;

    private void RequirePaid()
    {
        if (PaidAt is null || Status is OrderStatus.Fulfilled or OrderStatus.Refunded)
            throw new InvalidOperationException($"Order {Number} is not paid, or was delivered or refunded before.");
    }
}
