using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>An order as an admin sees it.</summary>
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
    /// <summary>The merchant the money goes to.</summary>
    public string MerchantId { get; set; } = "";
    /// <summary>The buyer.</summary>
    public long Uid { get; set; }
    /// <summary>The buyer's user name; absent where the account is gone.</summary>
    public string? UserName { get; set; }
    /// <summary>What is bought.</summary>
    public PurchaseKind PurchaseKind { get; set; }
    /// <summary>The credit type bought, or 0.</summary>
    public int PurchaseCreditType { get; set; }
    /// <summary>The credits bought, or those the kami carries.</summary>
    public long PurchaseCredits { get; set; }
    /// <summary>The trade credits the kami carries.</summary>
    public long PurchaseTradeCredits { get; set; }
    /// <summary>The seconds of card time bought, or those the kami carries.</summary>
    public long PurchaseSeconds { get; set; }
    /// <summary>The devices the kami carries.</summary>
    public long PurchaseDevices { get; set; }
    /// <summary>The card rule the kami was sold under, or 0.</summary>
    public long PurchaseCardRuleId { get; set; }
    /// <summary>The code of the kami that was delivered; absent with other purchases, and as long as the order is not fulfilled.</summary>
    public string? Kami { get; set; }
    /// <summary>The price in fen.</summary>
    public long AmountFen { get; set; }
    /// <summary>The title the buyer saw.</summary>
    public string Title { get; set; } = "";
    /// <summary>The client's own text.</summary>
    public string Attach { get; set; } = "";
    /// <summary>Where the order stands.</summary>
    public OrderStatus Status { get; set; }
    /// <summary>Whether the money came after the order had been closed.</summary>
    public bool PaidLate { get; set; }
    /// <summary>Why an admin should look.</summary>
    public string? Attention { get; set; }
    /// <summary>The wallet's id of the payment.</summary>
    public string? TransactionId { get; set; }
    /// <summary>When the order was made (UTC).</summary>
    public DateTimeOffset CreatedAt { get; set; }
    /// <summary>When it was paid (UTC).</summary>
    public DateTimeOffset? PaidAt { get; set; }
    /// <summary>When a refund was asked for (UTC); its outcome is open until <see cref="RefundedAt"/>.</summary>
    public DateTimeOffset? RefundRequestedAt { get; set; }
    /// <summary>When its money went back (UTC).</summary>
    public DateTimeOffset? RefundedAt { get; set; }
    /// <summary>When it was delivered (UTC).</summary>
    public DateTimeOffset? FulfilledAt { get; set; }
}
