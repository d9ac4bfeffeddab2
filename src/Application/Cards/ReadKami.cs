using FluentValidation;
using MediatR;
using PayRecharge.Application.Orders;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;

namespace PayRecharge.Application.Cards;

/// <summary>Finds a kami by its code: its buyer and its state.</summary>
/// <param name="Code">The kami's code: 32 hex characters.</param>
public sealed record ReadKami(string Code) : IRequest<KamiRecord>
{
    /// <summary>The type name only: anyone who reads the code in a log could redeem it.</summary>
    public override string ToString() => nameof(ReadKami);
}

/// <summary>A sold kami, without its code.</summary>
/// <param name="OrderId">The id of the order that paid for it.</param>
/// <param name="OrderNumber">The number of that order.</param>
/// <param name="Uid">The buyer's user id.</param>
/// <param name="UserName">The buyer's name; absent if the account no longer exists.</param>
/// <param name="Credits">Credits of the soft-credit type.</param>
/// <param name="TradeCredits">Credits of the trade-credit type.</param>
/// <param name="Seconds">Seconds of card time.</param>
/// <param name="Devices">Devices added to the account's allowance.</param>
/// <param name="CreatedAt">When it was sold (UTC).</param>
/// <param name="RedeemedBy">The user id of the redeemer; absent: not redeemed.</param>
/// <param name="RedeemedByName">The name of that user.</param>
/// <param name="RedeemedAt">When it was redeemed (UTC).</param>
/// <param name="VoidedAt">When a refund was requested before redemption (UTC); the kami is void unless the gateway refuses.</param>
public sealed record KamiRecord(
    long OrderId, string OrderNumber, long Uid, string? UserName, long Credits, long TradeCredits, long Seconds, long Devices,
    DateTimeOffset CreatedAt, long? RedeemedBy, string? RedeemedByName, DateTimeOffset? RedeemedAt, DateTimeOffset? VoidedAt);

internal sealed class ReadKamiValidator : AbstractValidator<ReadKami>
{
    public ReadKamiValidator() => RuleFor(c => c.Code).NotNull().Matches("^[0-9A-Fa-f]{32}\\z");
}

internal sealed class ReadKamiHandler(ICardRepository cards, IOrderQueries orders, IUserAccountRepository accounts) : IRequestHandler<ReadKami, KamiRecord>
{
    public async Task<KamiRecord> Handle(ReadKami request, CancellationToken cancellationToken)
    {
        var kami = await cards.FindKamiAsync(request.Code.ToUpperInvariant(), cancellationToken) ?? throw new RefusedException(Refusal.KamiUnknown);
        var order = await orders.ReadAsync(kami.OrderId, cancellationToken) ?? throw new RefusedException(Refusal.OrderUnknown);
        var names = await accounts.ReadNamesAsync([order.Uid, kami.RedeemedBy ?? order.Uid], cancellationToken);
        return new KamiRecord(
            order.Id, order.Number, order.Uid, names.GetValueOrDefault(order.Uid), kami.Credits, kami.TradeCredits, kami.Seconds, kami.Devices,
            kami.CreatedAt, kami.RedeemedBy, kami.RedeemedBy is { } uid ? names.GetValueOrDefault(uid) : null, kami.RedeemedAt, kami.VoidedAt);
    }
}
