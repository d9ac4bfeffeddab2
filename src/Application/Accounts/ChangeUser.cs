using AutoMapper;
using FluentValidation;
using MediatR;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Accounts;

/// <summary>Changes an account. Every changed number is recorded in the ledger.</summary>
public sealed record ChangeUser : IRequest<AccountView>, IAdminChange
{
    /// <summary>The user id.</summary>
    public long Uid { get; init; }
    /// <summary>Whether the account may order; absent: unchanged.</summary>
    public bool? Enabled { get; init; }
    /// <summary>When card time ends, in unix seconds, 0 for permanent; absent: unchanged.</summary>
    public long? CardTimeExpiry { get; init; }
    /// <summary>Eight amounts to add to the credit types 1–8; a negative amount subtracts.</summary>
    public IReadOnlyList<long>? AddCredits { get; init; }
    /// <summary>The number to add to the devices; a negative number subtracts.</summary>
    public long AddDevices { get; init; }

    string? IAdminChange.Subject => $"user {Uid}";
}

internal sealed class ChangeUserValidator : AbstractValidator<ChangeUser>
{
    public ChangeUserValidator()
    {
        RuleFor(c => c.Uid).GreaterThan(0);
        RuleFor(c => c.CardTimeExpiry).InclusiveBetween(0, UserAccount.MaximumBalance);
        RuleFor(c => c.AddCredits).Must(c => c!.Count == UserAccount.CreditTypes).When(c => c.AddCredits is not null)
            .WithMessage("Eight amounts, one for each credit type.");
        RuleForEach(c => c.AddCredits).InclusiveBetween(-UserAccount.MaximumBalance, UserAccount.MaximumBalance);
        RuleFor(c => c.AddDevices).InclusiveBetween(-UserAccount.MaximumBalance, UserAccount.MaximumBalance);
    }
}

internal sealed class ChangeUserHandler(IUserAccountRepository accounts, IUnitOfWork unit, IMapper mapper, TimeProvider clock)
    : IRequestHandler<ChangeUser, AccountView>
{
    public async Task<AccountView> Handle(ChangeUser request, CancellationToken cancellationToken)
    {
        var key = LedgerKeys.Admin(Guid.NewGuid());
        var change = (request.AddCredits ?? [])
            .Select((amount, index) => Grant.OfCredits(index + 1, amount))
            .Aggregate(Grant.OfDevices(request.AddDevices), (sum, next) => sum.And(next));
        var account = await unit.ExecuteAsync(async cancel =>
        {
            var now = clock.GetUtcNow();
            await accounts.GrantAsync(request.Uid, change, key, now, cancel);
            return await accounts.SetAsync(request.Uid, request.CardTimeExpiry, request.Enabled, key, now, cancel);
        }, cancellationToken);
        return mapper.Map<AccountView>(account);
    }
}
