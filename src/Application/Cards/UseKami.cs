using FluentValidation;
using MediatR;
using PayRecharge.Application.Behaviors;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Cards;

/// <summary>Redeems a kami for whoever is logged in: all of it, or nothing.</summary>
/// <param name="Login">The account's login.</param>
/// <param name="Code">The key as the client wrote it.</param>
public sealed record UseKami(Login Login, string Code) : IRequest<UsedKami>
{
    /// <summary>The name alone: a record would print the key too.</summary>
    public override string ToString() => nameof(UseKami);
}

/// <summary>What a kami gave.</summary>
/// <param name="Uid">The account.</param>
/// <param name="Code">The key: 32 upper-case hex characters.</param>
/// <param name="Credits">Credits of the soft-credit type.</param>
/// <param name="TradeCredits">Credits of the trade-credit type.</param>
/// <param name="Seconds">Seconds of card time.</param>
/// <param name="Devices">Devices.</param>
/// <param name="CardTimeExpiry">When the account's card time ends now, in unix seconds; 0: never.</param>
public sealed record UsedKami(long Uid, string Code, long Credits, long TradeCredits, long Seconds, long Devices, long CardTimeExpiry);

internal sealed class UseKamiValidator : AbstractValidator<UseKami>
{
    // What is no key is the key of nothing.
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
