using System.Collections.Frozen;
using PayRecharge.Domain;

namespace PayRecharge.WebApi.Legacy;

/// <summary>A failure in the legacy format: the body's <c>code</c> and <c>result</c>.</summary>
internal readonly record struct LegacyError(int Code, string Result)
{
    public static readonly LegacyError PluginOff = new(403, "error01");
    public static readonly LegacyError WrongKey = new(401, "error02");
    public static readonly LegacyError UnknownAction = new(400, "error010");
    public static readonly LegacyError ActionClosed = new(400, "error0111");
    public static readonly LegacyError AddressBarred = new(400, "error0112");
    public static readonly LegacyError TooManyCalls = new(400, "error0124");
    public static readonly LegacyError OurFault = new(400, "error0020");

    public static LegacyError Missing(string parameter) => new(401, $"error06:{parameter}");
}

/// <summary>The only place that maps refusals to legacy codes.</summary>
internal static class RefusalCodes
{
    public static readonly FrozenDictionary<Refusal, LegacyError> All = new Dictionary<Refusal, LegacyError>
    {
        [Refusal.UserUnknown] = new(400, "error00112"),
        [Refusal.AccountDisabled] = new(400, "error00114"),
        [Refusal.AmountInvalid] = new(400, "error00712"),
        [Refusal.GatewayNotConfigured] = new(400, "error00713"),
        [Refusal.FieldInvalid] = new(400, "error0127"),
        [Refusal.CardRuleUnknown] = new(400, "error0126"),
        [Refusal.AccountPermanent] = new(400, "error0055"),
        [Refusal.TooManyOpenOrders] = LegacyError.TooManyCalls,
        [Refusal.OrderUnknown] = new(400, "error0128"),
        [Refusal.OrderUnpaid] = new(400, "error0129"),
        [Refusal.RefundUnderWay] = new(400, "error0132"),
        [Refusal.OrderUnsettled] = new(400, "error0131"),
        [Refusal.NotificationUnknown] = new(400, "error0130"),
        [Refusal.TokenUnknown] = new(401, "error05"),
        [Refusal.TokenExpired] = new(401, "error013"),
        [Refusal.GatewayFailed] = LegacyError.OurFault,
        [Refusal.KamiUnknown] = new(400, "error0056"),
        [Refusal.KamiRedeemed] = new(400, "error0052"),
        [Refusal.UserNameTaken] = new(400, "error0017"),
        [Refusal.EmailTaken] = new(400, "error00110"),
    }.ToFrozenDictionary();
}
