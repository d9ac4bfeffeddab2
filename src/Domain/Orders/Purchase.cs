using PayRecharge.Domain.Accounts;

namespace PayRecharge.Domain.Orders;

/// <summary>What an order's money is for. The numbers are the wire's <c>pay_type</c>.</summary>
public enum PurchaseKind
{
    /// <summary>Forum credits of one type.</summary>
    Credits = 1,
    /// <summary>Licence time.</summary>
    CardTime = 2,
    /// <summary>A recharge key.</summary>
    Kami = 3,
}

/// <summary>What an order buys, as it stood when the order was made: later changes of ratios and rules do not touch it.</summary>
public sealed class Purchase
{
    private Purchase() { }

    /// <summary>What is bought.</summary>
    public PurchaseKind Kind { get; private set; }
    /// <summary>The credit type 1–8, 0 where none is bought directly.</summary>
    public int CreditType { get; private set; }
    /// <summary>Credits of <see cref="CreditType"/>, or those a kami carries.</summary>
    public long Credits { get; private set; }
    /// <summary>Trade credits that a kami carries.</summary>
    public long TradeCredits { get; private set; }
    /// <summary>Seconds of card time, bought directly or carried by a kami.</summary>
    public long Seconds { get; private set; }
    /// <summary>Devices that a kami carries.</summary>
    public long Devices { get; private set; }
    /// <summary>The card rule a kami was sold under, 0 for other purchases.</summary>
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

    /// <summary>A kami and what it carries.</summary>
    public static Purchase OfKami(long cardRuleId, long credits, long tradeCredits, long seconds, long devices) => new()
    {
        Kind = PurchaseKind.Kami,
        CardRuleId = cardRuleId,
        Credits = credits,
        TradeCredits = tradeCredits,
        Seconds = seconds,
        Devices = devices,
    };

    /// <summary>What the buyer's account gets at payment; a kami gives the account nothing until it is redeemed.</summary>
    public Grant ToGrant() => Kind switch
    {
        PurchaseKind.Credits => Grant.OfCredits(CreditType, Credits),
        PurchaseKind.CardTime => Grant.OfCardTime(Seconds),
        _ => Grant.Nothing,
    };

    private static long AtLeastOne(long units) => units > 0 ? units : throw new RefusedException(Refusal.AmountInvalid, "buys nothing");
}
