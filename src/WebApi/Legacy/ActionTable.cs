using System.Collections.Frozen;
using System.Globalization;
using MediatR;
using PayRecharge.Application.Cards;
using PayRecharge.Application.Orders;
using PayRecharge.Application.Payments;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Orders;
using PayRecharge.WebApi.Http;

namespace PayRecharge.WebApi.Legacy;

/// <summary>
/// A legacy action: its required parameters, in the order in which a missing one is reported, and its message. There is a factory method
/// for each kind of bulk abuse, since each kind has its own limit.
/// </summary>
internal sealed class LegacyAction
{
    private LegacyAction(string name, string[] required, string[] optional, Func<LegacyCall, Task<LegacyReply>> run) =>
        (Name, Required, Optional, Run) = (name, required, optional, run);

    /// <summary>The value of <c>action</c>.</summary>
    public string Name { get; }

    public string[] Required { get; }

    /// <summary>The other parameters it reads.</summary>
    public string[] Optional { get; }

    /// <summary>Creates the message, sends it, and returns the reply.</summary>
    public Func<LegacyCall, Task<LegacyReply>> Run { get; }

    /// <summary>Whether a user's token replaces the transport key.</summary>
    public bool ByToken { get; private init; }

    /// <summary>The parameter with the order id: each order has its own limit.</summary>
    public string? OrderParameter { get; private init; }

    /// <summary>An action that places an order (<see cref="FailedOrders"/>).</summary>
    public static LegacyAction Orders(string name, string[] required, string[] optional, Func<LegacyCall, IRequest<PlacementOutcome>> message) =>
        new(name, required, optional, async call =>
        {
            if (await call.FailedOrders.TryAsync(call.Caller, () => call.SendAsync(message(call))) is not { } outcome) return LegacyReplies.Failed(LegacyError.TooManyCalls);
            if (outcome is PaymentCode code) call.Probes.Remember(call.Caller, LegacyReplies.IdOf(code));
            return LegacyReplies.Placed(outcome);
        });

    /// <summary>An action on an existing order, whose id callers could guess (<see cref="OrderProbes"/>).</summary>
    /// <param name="name">The value of <c>action</c>.</param>
    /// <param name="order">The parameter that holds the gateway's id of the order.</param>
    /// <param name="optional">The other parameters it reads.</param>
    /// <param name="message">Creates the look-up.</param>
    /// <param name="reply">Creates the reply.</param>
    public static LegacyAction AsksAboutOrder(
        string name, string order, string[] optional, Func<LegacyCall, IRequest<OrderView>> message, Func<LegacyCall, OrderView, Task<LegacyReply>> reply) =>
        new(name, [order], optional, async call =>
        {
            var sent = message(call);
            return await call.Probes.LookUpAsync(call.Caller, call[order], () => call.SendAsync(sent)) is { } found
                ? await reply(call, found) : LegacyReplies.Failed(LegacyError.TooManyCalls);
        })
        { OrderParameter = order };

    /// <summary>An action of a logged-in user on a kami, whose code callers could guess (<see cref="KamiProbes"/>).</summary>
    public static LegacyAction UsesKami<T>(string name, string[] required, Func<LegacyCall, IRequest<T>> message, Func<T, LegacyReply> reply) where T : class =>
        new(name, required, [], async call => await call.KamiProbes.TryAsync(call.Caller, call.Login!.Uid, () => call.SendAsync(message(call))) is { } used
            ? reply(used) : LegacyReplies.Failed(LegacyError.TooManyCalls))
        { ByToken = true };

    /// <summary>An action that stores nothing, and looks up nothing that a caller could guess.</summary>
    public static LegacyAction Lists(string name, string[] optional, Func<LegacyCall, Task<LegacyReply>> run, bool byToken = false) =>
        new(name, [], optional, run) { ByToken = byToken };
}

internal static class ActionTable
{
    private static readonly string[] OrderOptions = ["isuid", "attach", "type"];

    public static readonly FrozenDictionary<string, LegacyAction> All = new[]
    {
        LegacyAction.Orders("payjs_credit", ["money", "credits", "username", "body"], OrderOptions,
            call => new CreateCreditOrder(Buyer(call), call["money"], call["credits"], call["body"], call["attach"], Channel(call), Caller(call))),
        LegacyAction.Orders("payjs_cardtime", ["money", "username", "body"], OrderOptions,
            call => new CreateCardTimeOrder(Buyer(call), call["money"], call["body"], call["attach"], Channel(call), Caller(call))),
        LegacyAction.Orders("payjs_kamis", ["list_id", "username", "body"], OrderOptions,
            call => new CreateKamiOrder(Buyer(call), call["list_id"], call["body"], call["attach"], Channel(call), Caller(call))),
        LegacyAction.Lists("payjs_kamis_list", [], async call => await call.Rules.GetAsync(call)),
        LegacyAction.AsksAboutOrder("payjs_check", "payjs_order_id", ["wait"], Check, WaitAsync),
        LegacyAction.Lists("payjs_check_id", ["page", "perpage"],
            async call => LegacyReplies.Paid(await call.SendAsync(new ListPaidOrders(call.Login!, call["page"], call["perpage"]))), byToken: true),
        // An addition: the original has no such action.
        LegacyAction.UsesKami("payjs_kamis_use", ["kami"], call => new UseKami(call.Login!, call["kami"]), LegacyReplies.Used),
    }.ToFrozenDictionary(action => action.Name);

    private static CheckOrder Check(LegacyCall call)
    {
        // A poll with an invalid wait is not counted.
        Seconds(call);
        return new(call["payjs_order_id"]);
    }

    private static async Task<LegacyReply> WaitAsync(LegacyCall call, OrderView order)
    {
        var wait = Seconds(call);
        if (wait == 0 || order.IsFulfilled) return LegacyReplies.Order(order);
        call.AllowLonger(TimeSpan.FromSeconds(wait));
        return LegacyReplies.Order(await call.SendAsync(new AwaitFulfilment(order, wait)));
    }

    // Clients of the original send no wait.
    private static int Seconds(LegacyCall call) => call["wait"] is not { Length: > 0 } text ? 0
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= AwaitFulfilment.Longest ? seconds
        : throw new RefusedException(Refusal.FieldInvalid);

    private static AccountReference Buyer(LegacyCall call) => call["isuid"] switch
    {
        // No account has an empty uid.
        "1" => new(AccountReferenceKind.Uid, IsUid(call["username"]) ? call["username"] : ""),
        "2" => new(AccountReferenceKind.Email, call["username"]),
        _ => new(AccountReferenceKind.UserName, call["username"]),
    };

    private static bool IsUid(string text) => text.Length is >= 1 and <= 10 && text[0] != '0' && text.All(char.IsAsciiDigit);

    private static string Caller(LegacyCall call) => Callers.PrefixOf(call.Caller).ToString();

    private static PaymentChannel Channel(LegacyCall call) =>
        call["type"].Equals("alipay", StringComparison.OrdinalIgnoreCase) ? PaymentChannel.Alipay : PaymentChannel.WeChat;
}
