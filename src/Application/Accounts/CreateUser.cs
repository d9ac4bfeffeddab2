using AutoMapper;
using FluentValidation;
using MediatR;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Accounts;

/// <summary>Creates an account with opening balances.</summary>
public sealed record CreateUser : IRequest<AccountView>, IAdminChange
{
    /// <summary>The user name; unique, ignoring case.</summary>
    public required string UserName { get; init; }
    /// <summary>The e-mail; unique, ignoring case.</summary>
    public string? Email { get; init; }
    /// <summary>Whether card time never ends; otherwise it ends after <c>seconds</c>.</summary>
    public bool Permanent { get; init; }
    /// <summary>The opening balances of the credit types 1–8.</summary>
    public IReadOnlyList<long>? Credits { get; init; }
    /// <summary>The opening card time in seconds.</summary>
    public long Seconds { get; init; }
    /// <summary>How many devices may use the account at the same time.</summary>
    public long Devices { get; init; }

    string? IAdminChange.Subject => null;
}

internal sealed class CreateUserValidator : AbstractValidator<CreateUser>
{
    public CreateUserValidator()
    {
        RuleFor(c => c.UserName).NotEmpty().MaximumLength(64).Must(IsPlain).WithMessage(NotPlain);
        RuleFor(c => c.UserName).NotEqual("0").WithMessage("Clients count a name of 0 as missing.");
        RuleFor(c => c.Email).EmailAddress().MaximumLength(254).Must(IsPlain).When(c => c.Email is not null).WithMessage(NotPlain);
        RuleFor(c => c.Credits).Must(c => c!.Count == UserAccount.CreditTypes).When(c => c.Credits is not null)
            .WithMessage("Eight amounts, one for each credit type.");
        RuleForEach(c => c.Credits).InclusiveBetween(0, int.MaxValue);
        RuleFor(c => c.Seconds).InclusiveBetween(0, int.MaxValue);
        RuleFor(c => c.Seconds).Equal(0).When(c => c.Permanent).WithMessage("A permanent account has no seconds.");
        RuleFor(c => c.Devices).InclusiveBetween(0, int.MaxValue);
    }

    private const string NotPlain = "No control characters, and no white space at its ends.";

    // A client's name is trimmed of PHP's six bytes only: with other white space at its end, a name would look like the one without.
    private static bool IsPlain(string? text) => text is null || (text.Trim().Length == text.Length && !text.Any(char.IsControl));
}

internal sealed class CreateUserHandler(IUserAccountRepository accounts, IUnitOfWork unit, IMapper mapper, TimeProvider clock)
    : IRequestHandler<CreateUser, AccountView>
{
    public async Task<AccountView> Handle(CreateUser request, CancellationToken cancellationToken)
    {
        var opening = (request.Credits ?? [])
            .Select((amount, index) => Grant.OfCredits(index + 1, amount))
            .Aggregate(Grant.OfCardTime(request.Seconds).And(Grant.OfDevices(request.Devices)), (sum, next) => sum.And(next));
        var account = await unit.ExecuteAsync(async cancel =>
        {
            var created = UserAccount.Create(0, request.UserName, request.Email, request.Permanent, clock.GetUtcNow());
            await accounts.AddAsync(created, opening, cancel);
            return created;
        }, cancellationToken);
        return mapper.Map<AccountView>(account);
    }
}
