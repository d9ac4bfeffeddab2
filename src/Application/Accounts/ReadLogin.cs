using FluentValidation;
using MediatR;
using PayRecharge.Application.Behaviors;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Accounts;

/// <summary>Finds the login of a token.</summary>
/// <param name="Token">The token as the client sent it.</param>
public sealed record ReadLogin(string Token) : IRequest<Login>;

internal sealed class ReadLoginValidator : AbstractValidator<ReadLogin>
{
    public ReadLoginValidator() => RuleFor(c => c.Token).Matches("^[A-Za-z0-9_]{1,1000}\\z").Refusing(Refusal.TokenUnknown);
}

internal sealed class ReadLoginHandler(IUserAccountRepository accounts, TimeProvider clock) : IRequestHandler<ReadLogin, Login>
{
    public async Task<Login> Handle(ReadLogin request, CancellationToken cancellationToken)
    {
        var login = await accounts.FindLoginAsync(request.Token, cancellationToken) ?? throw new RefusedException(Refusal.TokenUnknown);
        return login.ExpiresAt <= clock.GetUtcNow() ? throw new RefusedException(Refusal.TokenExpired) : login;
    }
}
