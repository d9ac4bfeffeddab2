using System.Security.Cryptography;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;

namespace PayRecharge.Domain.Cards;

/// <summary>A recharge key, created when its order is paid. Anyone who has it can redeem it, once.</summary>
public sealed class Kami
{
    private Kami() { }

    /// <summary>The row's id.</summary>
    public long Id { get; private set; }
    /// <summary>32 upper-case hex characters: 128 random bits.</summary>
    public string Code { get; private set; } = "";
    /// <summary>The id of the one order that paid for it.</summary>
    public long OrderId { get; private set; }
    /// <summary>Credits of the soft-credit type.</summary>
    public long Credits { get; private set; }
    /// <summary>Credits of the trade-credit type.</summary>
    public long TradeCredits { get; private set; }
    /// <summary>Seconds of card time.</summary>
    public long Seconds { get; private set; }
    /// <summary>Devices added to the account's allowance.</summary>
    public long Devices { get; private set; }
    /// <summary>When it was sold (UTC).</summary>
    public DateTimeOffset CreatedAt { get; private set; }
    /// <summary>The account that redeemed it.</summary>
    public long? RedeemedBy { get; private set; }
    /// <summary>When it was redeemed (UTC).</summary>
    public DateTimeOffset? RedeemedAt { get; private set; }

    /// <summary>When a refund was requested before it was redeemed (UTC). It is void, unless the gateway refuses the refund.</summary>
    public DateTimeOffset? VoidedAt { get; private set; }

    /// <summary>Creates the kami that an order has paid for.</summary>
    public static Kami For(Order order, DateTimeOffset now) => new()
    {
        Code = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)),
        OrderId = order.Id,
        Credits = order.Purchase.Credits,
        TradeCredits = order.Purchase.TradeCredits,
        Seconds = order.Purchase.Seconds,
        Devices = order.Purchase.Devices,
        CreatedAt = now,
    };

    /// <summary>Marks the kami as redeemed and returns its contents.</summary>
    /// <param name="uid">The account that redeems it.</param>
    /// <param name="softCreditType">The credit type (1–8) of its credits.</param>
    /// <param name="tradeCreditType">The credit type (1–8) of its trade credits.</param>
    /// <param name="now">The time (UTC).</param>
    /// <exception cref="RefusedException"><see cref="Refusal.KamiRedeemed"/>; <see cref="Refusal.KamiUnknown"/> if it is void.</exception>
    public Grant Redeem(long uid, int softCreditType, int tradeCreditType, DateTimeOffset now)
    {
        if (RedeemedAt is not null) throw new RefusedException(Refusal.KamiRedeemed);
        if (VoidedAt is not null) throw new RefusedException(Refusal.KamiUnknown, "its order was refunded, or a refund is under way");
        RedeemedBy = uid;
        RedeemedAt = now;
        return Grant.OfCredits(softCreditType, Credits)
            .And(Grant.OfCredits(tradeCreditType, TradeCredits))
            .And(Grant.OfCardTime(Seconds))
            .And(Grant.OfDevices(Devices));
    }

    /// <summary>Voids the kami, unless it was redeemed.</summary>
    /// <returns>False if it was redeemed.</returns>
    public bool TryVoid(DateTimeOffset now)
    {
        if (RedeemedAt is not null) return false;
        VoidedAt ??= now;
        return true;
    }

    /// <summary>Makes the kami valid again after its order's refund was refused.</summary>
    public void Restore() => VoidedAt = null;
}
