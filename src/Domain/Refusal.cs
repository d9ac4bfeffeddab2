namespace PayRecharge.Domain;

/// <summary>The reasons to refuse a request. The legacy API maps each to a code, the admin API to a problem.</summary>
public enum Refusal
{
    /// <summary>The account does not exist, or was never activated.</summary>
    UserUnknown,
    /// <summary>The account is disabled.</summary>
    AccountDisabled,
    /// <summary>An amount that is malformed, outside the limits, buys nothing, or would move a balance out of 0…2³¹−1.</summary>
    AmountInvalid,
    /// <summary>No merchant is set, no notify address is known, or the gateway is switched off.</summary>
    GatewayNotConfigured,
    /// <summary>A credit type that is not 1–8 or has no ratio, or a field that is too long or malformed.</summary>
    FieldInvalid,
    /// <summary>No card rule has that id.</summary>
    CardRuleUnknown,
    /// <summary>Card time for a permanent account.</summary>
    AccountPermanent,
    /// <summary>The buyer or the caller's address has too many open, unpaid orders.</summary>
    TooManyOpenOrders,
    /// <summary>The order does not exist.</summary>
    OrderUnknown,
    /// <summary>The order is not paid, so there is nothing to refund.</summary>
    OrderUnpaid,
    /// <summary>Another call is requesting the order's refund from the gateway.</summary>
    RefundUnderWay,
    /// <summary>The order is paid but not delivered, or the outcome of its refund is unknown.</summary>
    OrderUnsettled,
    /// <summary>The gateway's message does not exist.</summary>
    NotificationUnknown,
    /// <summary>The token is unknown or was replaced by a newer one.</summary>
    TokenUnknown,
    /// <summary>The token has expired.</summary>
    TokenExpired,
    /// <summary>The gateway cannot be reached, or its answer is not valid.</summary>
    GatewayFailed,
    /// <summary>No kami has that code, or the kami is void.</summary>
    KamiUnknown,
    /// <summary>The kami was redeemed before.</summary>
    KamiRedeemed,
    /// <summary>Another account has this user name.</summary>
    UserNameTaken,
    /// <summary>Another account has this e-mail.</summary>
    EmailTaken,
}
