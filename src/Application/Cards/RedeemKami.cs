using AutoMapper;
using FluentValidation;
using MediatR;
using PayRecharge.Application.Accounts;
using PayRecharge.Application.Settings;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;
using PayRecharge.Domain.Cards;

namespace PayRecharge.Application.Cards;

/// <summary>Redeems a kami for an account: credits, trade credits, seconds and devices at once, or nothing.</summary>
/// <param name="Uid">The account.</param>
/// <param name="Code">The key: 32 hex characters.</param>
public sealed record RedeemKami(long Uid, string Code) : IRequest<AccountView>, IAdminChange
{
    string? IAdminChange.Subject => $"user {Uid}";
}

internal sealed class RedeemKamiValidator : AbstractValidator<RedeemKami>
{
    public RedeemKamiValidator()
    {
        RuleFor(c => c.Uid).GreaterThan(0);
        RuleFor(c => c.Code).NotNull().Matches("^[0-9A-Fa-f]{32}\\z");
    }
}

internal sealed class RedeemKamiHandler(
    ICardRepository cards, IUserAccountRepository accounts, ISettingsStore store, IUnitOfWork unit, IMapper mapper, TimeProvider clock)
    : IRequestHandler<RedeemKami, AccountView>
{
    public async Task<AccountView> Handle(RedeemKami request, CancellationToken cancellationToken)
    {
        var settings = await store.GetAsync(cancellationToken);
        var account = await unit.ExecuteAsync(async cancel =>
        {
            var now = clock.GetUtcNow();
            var kami = await cards.LockKamiAsync(request.Code.ToUpperInvariant(), cancel) ?? throw new RefusedException(Refusal.KamiUnknown);
            var grant = kami.Redeem(request.Uid, settings.SoftCreditType, settings.TradeCreditType, now);
            return await accounts.GrantAsync(request.Uid, grant, LedgerKeys.Kami(kami.Id), now, cancel);
        }, cancellationToken);
        return mapper.Map<AccountView>(account);
    }
}
