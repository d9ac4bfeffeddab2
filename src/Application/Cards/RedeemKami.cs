using AutoMapper;
using FluentValidation;
using MediatR;
using PayRecharge.Application.Accounts;

namespace PayRecharge.Application.Cards;

/// <summary>Redeems a kami for an account, even a disabled one: all its credits, trade credits, seconds and devices, or nothing.</summary>
/// <param name="Uid">The user id.</param>
/// <param name="Code">The kami's code: 32 hex characters.</param>
public sealed record RedeemKami(long Uid, string Code) : IRequest<AccountView>, IAdminChange
{
    string? IAdminChange.Subject => $"user {Uid}";
}

internal sealed class RedeemKamiValidator : AbstractValidator<RedeemKami>
{
    public RedeemKamiValidator()
    {
        RuleFor(c => c.Uid).GreaterThan(0);
        RuleFor(c => c.Code).NotNull().Matches(Redemption.CodePattern);
    }
}

internal sealed class RedeemKamiHandler(Redemption redemption, IMapper mapper) : IRequestHandler<RedeemKami, AccountView>
{
    public async Task<AccountView> Handle(RedeemKami request, CancellationToken cancellationToken) =>
        mapper.Map<AccountView>((await redemption.RedeemAsync(request.Uid, request.Code, evenDisabled: true, cancellationToken)).Account);
}
