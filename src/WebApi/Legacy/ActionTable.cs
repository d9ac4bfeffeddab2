using System.Collections.Frozen;
using System.Globalization;
using PayRecharge.Application.Cards;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Payments;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>A legacy action: what it needs, in the order in which a missing one is named, and the message it becomes.</summary>
/// <param name="Name">The value of <c>action</c>.</param>
/// <param name="Required">The parameters that must be there.</param>
/// <param name="Optional">The other parameters it reads.</param>
/// <param name="Run">Makes the message, sends it, and tells the reply's data.</param>
internal sealed record LegacyAction(string Name, string[] Required, string[] Optional, Func<LegacyCall, Task<LegacyReply>> Run)
{
    /// <summary>Whether a user's token stands in for the transport key.</summary>
    public bool ByToken { get; init; }
}

/// <summary>All legacy actions.</summary>
internal static class ActionTable
{
    /// <summary>The action that asks about one order.</summary>
    public const string Check = "payjs_check";

    private static readonly string[] OrderOptions = ["isuid", "attach", "type"];

    public static readonly FrozenDictionary<string, LegacyAction> All = new[]
    {
        new LegacyAction("payjs_credit", ["money", "credits", "username", "body"], OrderOptions, call => PlaceAsync(call, () => call.SendAsync(
            new CreateCreditOrder(Buyer(call), call["money"], call["credits"], call["body"], call["attach"], Channel(call), Caller(call))))),
        new LegacyAction("payjs_cardtime", ["money", "username", "body"], OrderOptions, call => PlaceAsync(call, () => call.SendAsync(
            new CreateCardTimeOrder(Buyer(call), call["money"], call["body"], call["attach"], Channel(call), Caller(call))))),
        new LegacyAction("payjs_kamis", ["list_id", "username", "body"], OrderOptions, call => PlaceAsync(call, () => call.SendAsync(
            new CreateKamiOrder(Buyer(call), call["list_id"], call["body"], call["attach"], Channel(call), Caller(call))))),
        new LegacyAction("payjs_kamis_list", [], [], async call => await call.Rules.GetAsync(call)),
        new LegacyAction(Check, ["payjs_order_id"], ["wait"], CheckAsync),
        new LegacyAction("payjs_check_id", [], ["page", "perpage"], async call => LegacyReplies.Paid(await call.SendAsync(new ListPaidOrders(call.Login!, call["page"], call["perpage"])))) { ByToken = true },
        new LegacyAction("payjs_kamis_use", ["kami"], [], UseKamiAsync) { ByToken = true },
    }.ToFrozenDictionary(action => action.Name);

    private static async Task<LegacyReply> CheckAsync(LegacyCall call)
    {
        var (id, wait) = (call["payjs_order_id"], Seconds(call["wait"]));
        var order = await call.Probes.LookUpAsync(call.Caller, id, () => call.SendAsync(new CheckOrder(id)));
        if (order is null) return LegacyReplies.Failed(LegacyError.TooManyCalls);
        if (wait == 0 || order.IsFulfilled) return LegacyReplies.Order(order);
        call.AllowLonger(TimeSpan.FromSeconds(wait));
        return LegacyReplies.Order(await call.SendAsync(new AwaitFulfilment(order, wait)));
    }

    // An addition: clients of the original do not know it.
    private static async Task<LegacyReply> UseKamiAsync(LegacyCall call) =>
        await call.KamiProbes.TryAsync(call.Caller, call.Login!.Uid, () => call.SendAsync(new UseKami(call.Login, call["kami"]))) is { } used
            ? LegacyReplies.Used(used) : LegacyReplies.Failed(LegacyError.TooManyCalls);

    // Clients of the original send none.
    private static int Seconds(string text) => text.Length == 0 ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= AwaitFulfilment.Longest ? seconds
        : throw new RefusedException(Refusal.FieldInvalid);

    private static async Task<LegacyReply> PlaceAsync(LegacyCall call, Func<Task<PlacementOutcome>> place)
    {
        if (await call.FailedOrders.TryAsync(call.Caller, place) is not { } outcome) return LegacyReplies.Failed(LegacyError.TooManyCalls);
        if (outcome is PaymentCode code) call.Probes.Remember(call.Caller, code.GatewayOrderId);
        return LegacyReplies.Placed(outcome);
    }

    private static AccountReference Buyer(LegacyCall call) => call["isuid"] switch
    {
        // Nobody has an empty uid.
        "1" => new(AccountReferenceKind.Uid, IsUid(call["username"]) ? call["username"] : ""),
        "2" => new(AccountReferenceKind.Email, call["username"]),
        _ => new(AccountReferenceKind.UserName, call["username"]),
    };

    private static bool IsUid(string text) => text.Length is >= 1 and <= 10 && text[0] != '0' && text.All(char.IsAsciiDigit);

    private static string Caller(LegacyCall call) => Callers.PrefixOf(call.Caller).ToString();

    private static PaymentChannel Channel(LegacyCall call) =>
        call["type"].Equals("alipay", StringComparison.OrdinalIgnoreCase) ? PaymentChannel.Alipay : PaymentChannel.WeChat;
}
