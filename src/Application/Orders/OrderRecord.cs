using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>An order.</summary>
public sealed class OrderRecord
{
    /// <summary>The order's id.</summary>
    public long Id { get; set; }
    /// <summary>The merchant's number of the order.</summary>
    public string Number { get; set; } = "";
    /// <summary>The code of the gateway that takes the money.</summary>
    public string Gateway { get; set; } = "";
    /// <summary>The gateway's id of the order.</summary>
    public string? GatewayOrderId { get; set; }
    /// <summary>The merchant that receives the money.</summary>
    public string MerchantId { get; set; } = "";
    /// <summary>The buyer's user id.</summary>
    public long Uid { get; set; }
    /// <summary>The buyer's user name; absent if the account no longer exists.</summary>
    public string? UserName { get; set; }
    /// <summary>The kind of goods.</summary>
    public PurchaseKind PurchaseKind { get; set; }
    /// <summary>The credit type (1–8) bought, or 0.</summary>
    public int PurchaseCreditType { get; set; }
    /// <summary>The credits bought, or the credits in the kami.</summary>
    public long PurchaseCredits { get; set; }
    /// <summary>The trade credits in the kami.</summary>
    public long PurchaseTradeCredits { get; set; }
    /// <summary>The seconds of card time bought, or in the kami.</summary>
    public long PurchaseSeconds { get; set; }
    /// <summary>The devices in the kami.</summary>
    public long PurchaseDevices { get; set; }
    /// <summary>The id of the kami's card rule, or 0.</summary>
    public long PurchaseCardRuleId { get; set; }
    /// <summary>The code of the delivered kami; absent for other purchases, and unless the order is fulfilled.</summary>
    public string? Kami { get; set; }
    /// <summary>The price in fen.</summary>
    public long AmountFen { get; set; }
    /// <summary>The title that the buyer saw.</summary>
    public string Title { get; set; } = "";
    /// <summary>The client's own text.</summary>
    public string Attach { get; set; } = "";
    /// <summary>The state of the order.</summary>
    public OrderStatus Status { get; set; }
    /// <summary>Whether the payment arrived after the order was closed.</summary>
    public bool PaidLate { get; set; }
    /// <summary>Why an admin should look at the order; absent if there is no reason.</summary>
    public string? Attention { get; set; }
    /// <summary>The wallet's id of the payment.</summary>
    public string? TransactionId { get; set; }
    /// <summary>When the order was created (UTC).</summary>
    public DateTimeOffset CreatedAt { get; set; }
    /// <summary>When the order was paid (UTC).</summary>
    public DateTimeOffset? PaidAt { get; set; }
    /// <summary>When a refund was requested (UTC); its outcome is unknown until <see cref="RefundedAt"/>.</summary>
    public DateTimeOffset? RefundRequestedAt { get; set; }
    /// <summary>When the money was returned (UTC).</summary>
    public DateTimeOffset? RefundedAt { get; set; }
    /// <summary>When the goods were delivered (UTC).</summary>
    public DateTimeOffset? FulfilledAt { get; set; }
}
