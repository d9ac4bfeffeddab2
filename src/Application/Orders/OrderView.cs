using PayRecharge.Domain.Orders;

namespace PayRecharge.Application.Orders;

/// <summary>An order as its buyer sees it. What an order carries for a kami is not shown; the kami itself is, once paid for.</summary>
public sealed record OrderView
{
    /// <summary>The order's id.</summary>
    public long Id { get; init; }
    /// <summary>The buyer.</summary>
    public long Uid { get; init; }
    /// <summary>What is bought.</summary>
    public PurchaseKind Kind { get; init; }
    /// <summary>Whether it is paid and delivered; everything else is still to be paid, to the buyer.</summary>
    public bool IsFulfilled { get; init; }
    /// <summary>The id that clients name the order by (<see cref="ClientGateway"/>).</summary>
    public string ClientId { get; init; } = "";
    /// <summary>The title the buyer saw when paying.</summary>
    public string Title { get; init; } = "";
    /// <summary>The price in fen.</summary>
    public long AmountFen { get; init; }
    /// <summary>The credit type bought, or 0.</summary>
    public int CreditType { get; init; }
    /// <summary>The credits bought, or 0.</summary>
    public long Credits { get; init; }
    /// <summary>The seconds of card time bought, or 0.</summary>
    public long Seconds { get; init; }
    /// <summary>The kami, if one was bought and paid.</summary>
    public string? KamiCode { get; init; }
    /// <summary>The client's own text.</summary>
    public string Attach { get; init; } = "";
    /// <summary>When the order was made (UTC).</summary>
    public DateTimeOffset CreatedAt { get; init; }
    /// <summary>When it was paid (UTC); absent until it is fulfilled.</summary>
    public DateTimeOffset? PaidAt { get; init; }
    /// <summary>How often it was asked about.</summary>
    public long Checks { get; init; }
}
