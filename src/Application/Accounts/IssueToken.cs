using FluentValidation;
using MediatR;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Accounts;

/// <summary>Logs an account in. As many logins live at once as the account has devices, at least one; older ones end.</summary>
/// <param name="Uid">The account.</param>
/// <param name="LifetimeSeconds">How long the token lives, in seconds; absent: until a newer one replaces it.</param>
public sealed record IssueToken(long Uid, long? LifetimeSeconds) : IRequest<IssuedToken>, IAdminChange
{
    string? IAdminChange.Subject => $"user {Uid}";
}

/// <summary>A new token. It is shown this once and stored only as a hash.</summary>
/// <param name="Token">Letters and digits, safe in a URL.</param>
/// <param name="ExpiresAt">When it ends (UTC); absent: never.</param>
public sealed record IssuedToken(string Token, DateTimeOffset? ExpiresAt);

internal sealed class IssueTokenValidator : AbstractValidator<IssueToken>
{
    public IssueTokenValidator()
    {
        RuleFor(c => c.Uid).GreaterThan(0);
        RuleFor(c => c.LifetimeSeconds).InclusiveBetween(1, int.MaxValue);
    }
}

internal sealed class IssueTokenHandler(IUserAccountRepository accounts, IUnitOfWork unit, TimeProvider clock) : IRequestHandler<IssueToken, IssuedToken>
{
    public Task<IssuedToken> Handle(IssueToken request, CancellationToken cancellationToken) =>
        unit.ExecuteAsync(async cancel =>
        {
            var account = await accounts.FindAsync(request.Uid, cancel) ?? throw new RefusedException(Refusal.UserUnknown);
            var issued = new IssuedToken(AccountToken.Draw(), request.LifetimeSeconds is { } seconds ? clock.GetUtcNow().AddSeconds(seconds) : null);
            await accounts.AddTokenAsync(AccountToken.For(account.Uid, issued.Token, issued.ExpiresAt), Math.Max(1, account.Devices), cancel);
            return issued;
        }, cancellationToken);
}
