using PayRecharge.Domain.Orders;

namespace PayRecharge.Domain.Cards;

/// <summary>An offer of a kami: its price and contents. Admins choose the ids, because clients store them.</summary>
public sealed class CardRule
{
    private CardRule() { }

    /// <summary>The id that clients send as <c>list_id</c>.</summary>
    public long Id { get; private set; }
    /// <summary>The price in fen.</summary>
    public long PriceFen { get; private set; }
    /// <summary>Credits of the soft-credit type.</summary>
    public long Credits { get; private set; }
    /// <summary>Credits of the trade-credit type.</summary>
    public long TradeCredits { get; private set; }
    /// <summary>Seconds of card time.</summary>
    public long Seconds { get; private set; }
    /// <summary>Devices added to the account's allowance.</summary>
    public long Devices { get; private set; }

    /// <summary>Creates a rule.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id or price is below 1, or another number is negative or above 2³¹−1.</exception>
    public static CardRule Create(long id, long priceFen, long credits, long tradeCredits, long seconds, long devices)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(id);
        var rule = new CardRule { Id = id };
        rule.Change(priceFen, credits, tradeCredits, seconds, devices);
        return rule;
    }

    /// <summary>Changes the offer. Existing orders keep theirs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The price is below 1, or another number is negative or above 2³¹−1.</exception>
    public void Change(long priceFen, long credits, long tradeCredits, long seconds, long devices)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(priceFen);
        PriceFen = priceFen;
        Credits = InRange(credits);
        TradeCredits = InRange(tradeCredits);
        Seconds = InRange(seconds);
        Devices = InRange(devices);
    }

    /// <summary>The purchase of an order under this rule.</summary>
    public Purchase ToPurchase() => Purchase.OfKami(Id, Credits, TradeCredits, Seconds, Devices);

    private static long InRange(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, int.MaxValue);
        return value;
    }
}
