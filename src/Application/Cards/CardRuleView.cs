namespace PayRecharge.Application.Cards;

/// <summary>A card rule: an offer of a kami.</summary>
public sealed class CardRuleView
{
    /// <summary>The id that clients send as <c>list_id</c>.</summary>
    public long Id { get; set; }
    /// <summary>The price in fen.</summary>
    public long PriceFen { get; set; }
    /// <summary>Credits of the soft-credit type.</summary>
    public long Credits { get; set; }
    /// <summary>Credits of the trade-credit type.</summary>
    public long TradeCredits { get; set; }
    /// <summary>Seconds of card time.</summary>
    public long Seconds { get; set; }
    /// <summary>Devices added to the account's allowance.</summary>
    public long Devices { get; set; }
}
