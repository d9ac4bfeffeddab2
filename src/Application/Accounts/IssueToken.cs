using FluentValidation;
using MediatR;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Accounts;

/// <summary>Issues a login token. An account has as many valid tokens as devices, but at least one; older ones end.</summary>
/// <param name="Uid">The user id.</param>
/// <param name="LifetimeSeconds">The lifetime of the token in seconds; absent: until newer ones replace it.</param>
public sealed record IssueToken(long Uid, long? LifetimeSeconds) : IRequest<IssuedToken>, IAdminChange
{
    string? IAdminChange.Subject => $"user {Uid}";
}

/// <summary>A new token. It is shown only once, and stored only as a hash.</summary>
/// <param name="Token">The token: letters and digits, safe in a URL.</param>
/// <param name="ExpiresAt">When it expires (UTC); absent: never.</param>
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
