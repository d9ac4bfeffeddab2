using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>An order as its buyer sees it. It has a paid kami's code, but not the kami's contents.</summary>
public sealed record OrderView
{
    /// <summary>The order's id.</summary>
    public long Id { get; init; }
    /// <summary>The buyer's user id.</summary>
    public long Uid { get; init; }
    /// <summary>The kind of goods.</summary>
    public PurchaseKind Kind { get; init; }
    /// <summary>Whether the order is paid and delivered. To its buyer, any other order is unpaid.</summary>
    public bool IsFulfilled { get; init; }
    /// <summary>The id by which clients name the order (<see cref="ClientGateway"/>).</summary>
    public string ClientId { get; init; } = "";
    /// <summary>The title that the buyer saw when paying.</summary>
    public string Title { get; init; } = "";
    /// <summary>The price in fen.</summary>
    public long AmountFen { get; init; }
    /// <summary>The credit type (1–8) bought, or 0.</summary>
    public int CreditType { get; init; }
    /// <summary>The credits bought, or 0.</summary>
    public long Credits { get; init; }
    /// <summary>The seconds of card time bought, or 0.</summary>
    public long Seconds { get; init; }
    /// <summary>The kami's code, if one was bought and paid.</summary>
    public string? KamiCode { get; init; }
    /// <summary>The client's own text.</summary>
    public string Attach { get; init; } = "";
    /// <summary>When the order was created (UTC).</summary>
    public DateTimeOffset CreatedAt { get; init; }
    /// <summary>When the order was paid (UTC); absent until it is fulfilled.</summary>
    public DateTimeOffset? PaidAt { get; init; }
    /// <summary>The number of polls.</summary>
    public long Checks { get; init; }
}
