using AutoMapper;
using MediatR;
using PayRecharge.Domain;
using PayRecharge.Domain.Accounts;

namespace PayRecharge.Application.Accounts;

/// <summary>Reads an account.</summary>
/// <param name="Uid">The user id.</param>
public sealed record ReadUser(long Uid) : IRequest<AccountView>;

internal sealed class ReadUserHandler(IUserAccountRepository accounts, IMapper mapper) : IRequestHandler<ReadUser, AccountView>
{
    public async Task<AccountView> Handle(ReadUser request, CancellationToken cancellationToken) =>
        mapper.Map<AccountView>(await accounts.FindAsync(request.Uid, cancellationToken) ?? throw new RefusedException(Refusal.UserUnknown));
}
