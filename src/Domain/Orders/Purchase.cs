using PayRecharge.Domain.Accounts;

namespace PayRecharge.Domain.Orders;

/// <summary>The kind of goods. The numbers are the wire's <c>pay_type</c>.</summary>
public enum PurchaseKind
{
    /// <summary>Forum credits of one type.</summary>
    Credits = 1,
    /// <summary>Card time (licence time).</summary>
    CardTime = 2,
    /// <summary>A kami (recharge key).</summary>
    Kami = 3,
}

/// <summary>The goods of an order, fixed at its creation: later changes of ratios and rules do not affect them.</summary>
public sealed class Purchase
{
    private Purchase() { }

    /// <summary>The kind of goods.</summary>
    public PurchaseKind Kind { get; private set; }
    /// <summary>The credit type (1–8), 0 if no credits are bought directly.</summary>
    public int CreditType { get; private set; }
    /// <summary>Credits of <see cref="CreditType"/>, or the credits in a kami.</summary>
    public long Credits { get; private set; }
    /// <summary>Trade credits in a kami.</summary>
    public long TradeCredits { get; private set; }
    /// <summary>Seconds of card time, bought directly or in a kami.</summary>
    public long Seconds { get; private set; }
    /// <summary>Devices in a kami.</summary>
    public long Devices { get; private set; }
    /// <summary>The id of a kami's card rule, 0 for other purchases.</summary>
    public long CardRuleId { get; private set; }

    /// <summary>Credits of one type for an amount.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.AmountInvalid"/>: it buys nothing.</exception>
    public static Purchase OfCredits(int creditType, long fen, decimal creditsPerYuan) => new()
    {
        Kind = PurchaseKind.Credits,
        CreditType = UserAccount.IsCreditType(creditType) ? creditType : throw new RefusedException(Refusal.FieldInvalid),
        Credits = AtLeastOne(Fen.Buys(fen, creditsPerYuan)),
    };

    /// <summary>Card time for an amount.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.AmountInvalid"/>: it buys nothing.</exception>
    public static Purchase OfCardTime(long fen, decimal secondsPerYuan) => new()
    {
        Kind = PurchaseKind.CardTime,
        Seconds = AtLeastOne(Fen.Buys(fen, secondsPerYuan)),
    };

    /// <summary>A kami and its contents.</summary>
    public static Purchase OfKami(long cardRuleId, long credits, long tradeCredits, long seconds, long devices) => new()
    {
        Kind = PurchaseKind.Kami,
        CardRuleId = cardRuleId,
        Credits = credits,
        TradeCredits = tradeCredits,
        Seconds = seconds,
        Devices = devices,
    };

    /// <summary>The account's grant at payment. A kami grants nothing until it is redeemed.</summary>
    public Grant ToGrant() => Kind switch
    {
        PurchaseKind.Credits => Grant.OfCredits(CreditType, Credits),
        PurchaseKind.CardTime => Grant.OfCardTime(Seconds),
        _ => Grant.Nothing,
    };

    private static long AtLeastOne(long units) => units > 0 ? units : throw new RefusedException(Refusal.AmountInvalid, "buys nothing");
}
