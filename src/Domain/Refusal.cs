namespace PayRecharge.Domain;

/// <summary>Every reason to say no, by name. Each edge translates it once: the legacy envelope to a code, the admin API to a problem.</summary>
public enum Refusal
{
    /// <summary>No such account, or it was never activated.</summary>
    UserUnknown,
    /// <summary>The account is disabled.</summary>
    AccountDisabled,
    /// <summary>An amount that is no money, outside the limits, buys nothing, or would carry a balance past 2³¹−1.</summary>
    AmountInvalid,
    /// <summary>No merchant is set, no notify address is known, or the gateway is switched off.</summary>
    GatewayNotConfigured,
    /// <summary>A credit type that is not 1–8 or has no ratio; also a field that is too long or malformed.</summary>
    FieldInvalid,
    /// <summary>No card rule of that id.</summary>
    CardRuleUnknown,
    /// <summary>Card time for an account that is permanent.</summary>
    AccountPermanent,
    /// <summary>The buyer, or the address that orders, has too many orders that are open and unpaid.</summary>
    TooManyOpenOrders,
    /// <summary>No such order.</summary>
    OrderUnknown,
    /// <summary>The order is not paid, so there is nothing to give back.</summary>
    OrderUnpaid,
    /// <summary>Another call asks the gateway for the order's refund at this moment.</summary>
    RefundUnderWay,
    /// <summary>The order's money is on its way: it is paid and not delivered, or the outcome of a refund is open.</summary>
    OrderUnsettled,
    /// <summary>No such message of the gateway.</summary>
    NotificationUnknown,
    /// <summary>The token is unknown or was replaced by a newer one.</summary>
    TokenUnknown,
    /// <summary>The token's time has passed.</summary>
    TokenExpired,
    /// <summary>The gateway cannot be reached, or its answer cannot be believed.</summary>
    GatewayFailed,
    /// <summary>No kami of that code.</summary>
    KamiUnknown,
    /// <summary>The kami was redeemed before.</summary>
    KamiRedeemed,
    /// <summary>Another account has this user name.</summary>
    UserNameTaken,
    /// <summary>Another account has this e-mail.</summary>
    EmailTaken,
}
