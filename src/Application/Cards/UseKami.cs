using FluentValidation;
using MediatR;
using PayRecharge.Application.Behaviors;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Cards;

/// <summary>Redeems a kami for a logged-in account: all of it, or nothing.</summary>
/// <param name="Login">The account's login.</param>
/// <param name="Code">The kami's code as the client sent it.</param>
public sealed record UseKami(Login Login, string Code) : IRequest<UsedKami>
{
    /// <summary>The type name only: a record would also print the code.</summary>
    public override string ToString() => nameof(UseKami);
}

/// <summary>The contents of a redeemed kami.</summary>
/// <param name="Uid">The user id.</param>
/// <param name="Code">The kami's code: 32 upper-case hex characters.</param>
/// <param name="Credits">Credits of the soft-credit type.</param>
/// <param name="TradeCredits">Credits of the trade-credit type.</param>
/// <param name="Seconds">Seconds of card time.</param>
/// <param name="Devices">Devices.</param>
/// <param name="CardTimeExpiry">The new end of the account's card time, in unix seconds; 0: never.</param>
public sealed record UsedKami(long Uid, string Code, long Credits, long TradeCredits, long Seconds, long Devices, long CardTimeExpiry);

internal sealed class UseKamiValidator : AbstractValidator<UseKami>
{
    // A malformed code is an unknown kami.
    public UseKamiValidator() => RuleFor(c => c.Code).Matches(Redemption.CodePattern).Refusing(Refusal.KamiUnknown);
}

internal sealed class UseKamiHandler(Redemption redemption) : IRequestHandler<UseKami, UsedKami>
{
    public async Task<UsedKami> Handle(UseKami request, CancellationToken cancellationToken)
    {
        var (uid, _, enabled) = request.Login;
        if (enabled is null) throw new RefusedException(Refusal.TokenUnknown);
        if (enabled is false) throw new RefusedException(Refusal.AccountDisabled);
        var (kami, account) = await redemption.RedeemAsync(uid, request.Code, evenDisabled: false, cancellationToken);
        return new UsedKami(uid, kami.Code, kami.Credits, kami.TradeCredits, kami.Seconds, kami.Devices, account.CardTimeExpiry);
    }
}
